/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Arbitrary lives of processes, their records told in arbitrary order, beside a model that knows
 * every thread: a process has ended when the last of its threads' last records has come, not
 * before and not twice, and its numbers are the sums over the threads.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "perf_support.h"
#include "unit/random_numbers.h"

#define COUNTERS 2
#define PROCESSES_MAX 4
#define THREADS_MAX 600
#define RECORDS_MAX 4 /* of one thread: snapshots and the last record */

static size_t random_below(size_t n)
{
	return (size_t)(random_u64() % n);
}

static bool chance(size_t percent)
{
	return random_below(100) < percent;
}

/* --- the model -------------------------------------------------------------------------------- */

struct model_thread {
	struct task_record now; /* what the kernel's account of it is */
	bool alive;
	struct task_record records[RECORDS_MAX];
	size_t n_records, n_told;
};

struct model {
	struct process_id id;
	struct model_thread *threads;
	size_t n, n_alive;
	uint64_t time_ns;
	size_t first; /* the thread that has the process's id */
	bool group_exited;
	int wait_status;
	size_t n_ended_told; /* last records that were told */
	size_t n_ends;       /* how often the table said that the process ended */
};

static void work(struct model *model, struct task_record *account)
{
	account->seq += 2;
	account->cpu_ns += random_below(1000);
	account->context_switches += random_below(3);
	account->migrations += random_below(2);
	for (size_t i = 0; i < TASK_COUNTED_N; i++)
		account->fields[i] += random_below(1000);
	account->fields[TASK_PEAK_RSS] += random_below(1000);
	for (size_t i = 0; i < COUNTERS; i++) {
		account->counters[i].count += random_below(1 << 20);
		account->counters[i].enabled_ns += random_below(1000);
		account->counters[i].running_ns += random_below(1000);
	}
	model->time_ns += 1 + random_below(5);
}

/* n: the most threads that it will have */
static void model_begin(struct model *model, struct process_id id, size_t n)
{
	*model = (struct model){.id = id, .time_ns = id.start_ns, .n = 1, .n_alive = 1};
	model->threads = calloc(n, sizeof(*model->threads));
	model->threads[0] = (struct model_thread){.now = leader_of(id), .alive = true};
}

static size_t some_alive(const struct model *model)
{
	size_t i = random_below(model->n);

	while (!model->threads[i].alive)
		i = (i + 1) % model->n;
	return i;
}

static void create_thread(struct model *model, size_t creator)
{
	/* Ids of threads come again, also within a process. */
	uint32_t tid = model->id.pid + 1 + (uint32_t)random_below(20);

	model->threads[model->n++] = (struct model_thread){
		.now = thread_from(&model->threads[creator].now, tid, ++model->time_ns),
		.alive = true,
	};
	model->n_alive++;
}

static void end_thread(struct model *model, size_t i, int exit_code)
{
	struct model_thread *thread = &model->threads[i];

	work(model, &thread->now);
	thread->now.exit_code = exit_code;
	if (model->group_exited)
		thread->now.flags |= TASK_GROUP_EXIT;
	else if (i == model->first)
		model->wait_status = exit_code;
	thread->alive = false;
	model->n_alive--;
	thread->records[thread->n_records++] = ended_at(thread->now, model->time_ns);
}

static void end_others(struct model *model, size_t survivor, int exit_code)
{
	for (size_t i = 0; i < model->n; i++) {
		if (i != survivor && model->threads[i].alive)
			end_thread(model, i, exit_code);
	}
}

static void execute(struct model *model, size_t i)
{
	end_others(model, i, 0);
	model->threads[i].now.tid = model->id.pid;
	model->threads[i].now.flags |= TASK_EXECUTED;
	model->first = i;
}

static void exit_group(struct model *model, size_t i, int exit_code)
{
	model->group_exited = true;
	model->wait_status = exit_code;
	end_others(model, i, exit_code);
	end_thread(model, i, exit_code);
}

static void look_at(struct model *model, size_t i)
{
	struct model_thread *thread = &model->threads[i];

	if (thread->n_records + 1 < RECORDS_MAX)
		thread->records[thread->n_records++] = thread->now;
}

/* A life of up to n threads, from the first one to the end of the last one. */
static void live(struct model *model, size_t n)
{
	while (model->n_alive) {
		size_t i = some_alive(model);

		work(model, &model->threads[i].now);
		if (chance(40) && model->n < n)
			create_thread(model, i);
		else if (chance(30))
			look_at(model, i);
		else if (chance(5))
			execute(model, i);
		else if (chance(3))
			exit_group(model, i, (int)random_below(256) << 8);
		else if (chance(50))
			end_thread(model, i, (int)random_below(256) << 8);
	}
}

/* --- the table beside the model --------------------------------------------------------------- */

static void assert_sums(const struct model *model, const struct kernel_counts *kernel,
                        const __u64 *fields, const struct counter *counters, uint32_t threads_n)
{
	uint64_t peak = 0, waited = 0, user = 0;
	struct kernel_counts expected = {0};
	struct counter sums[COUNTERS] = {0};
	size_t n = 0;

	for (size_t i = 0; i < model->n; i++) {
		const struct model_thread *thread = &model->threads[i];
		const struct task_record *told;

		if (!thread->n_told)
			continue;
		n++;
		told = &thread->records[thread->n_told - 1];
		expected.cpu_ns += told->cpu_ns;
		expected.context_switches += told->context_switches;
		expected.migrations += told->migrations;
		waited += told->fields[TASK_RUNQUEUE_WAIT];
		peak = told->fields[TASK_PEAK_RSS] > peak ? told->fields[TASK_PEAK_RSS] : peak;
		user = told->fields[TASK_USER_REPORTED] > user ? told->fields[TASK_USER_REPORTED]
		                                               : user;
		for (size_t j = 0; j < COUNTERS; j++) {
			sums[j].count += told->counters[j].count;
			sums[j].enabled_ns += told->counters[j].enabled_ns;
			sums[j].running_ns += told->counters[j].running_ns;
		}
	}
	assert_int_equal(threads_n, n);
	assert_memory_equal(kernel, &expected, sizeof(expected));
	assert_int_equal(fields[TASK_RUNQUEUE_WAIT], waited);
	assert_int_equal(fields[TASK_PEAK_RSS], peak);
	assert_int_equal(fields[TASK_USER_REPORTED], user);
	assert_memory_equal(counters, sums, sizeof(sums));
}

struct world {
	struct witness witness;
	struct model models[PROCESSES_MAX];
	size_t n;
};

static struct model *model_of(struct world *world, struct process_id id)
{
	for (size_t i = 0; i < world->n; i++) {
		if (world->models[i].id.pid == id.pid &&
		    world->models[i].id.start_ns == id.start_ns)
			return &world->models[i];
	}
	fail_msg("a process that never was: pid %u", id.pid);
	return NULL;
}

static int visit(void *data, struct process *process)
{
	const struct model *model = model_of(data, process->id);

	assert_true(model->n_ended_told < model->n);
	assert_sums(model, &process->sum->kernel, process->sum->fields, process->sum->counters,
	            process->threads_n);
	return 0;
}

/* The next record of a thread; then whatever the table made of it. */
static void tell(struct world *world, struct model *model, struct model_thread *thread)
{
	struct witness *witness = &world->witness;
	const struct task_record *record = &thread->records[thread->n_told++];

	if (record->flags & TASK_ENDED) {
		model->n_ended_told++;
		assert_int_equal(processes_task_ended(witness->table, record), 0);
	} else {
		assert_int_equal(processes_task_alive(witness->table, record), 0);
	}
	for (size_t i = 0; i < witness->n; i++) {
		const struct told *told = &witness->told[i];

		if (told->what != TOLD_ENDED)
			continue;
		assert_int_equal(told->id.start_ns, model->id.start_ns);
		model->n_ends++;
		assert_sums(model, &told->kernel, told->fields, told->counters, told->threads_n);
		assert_int_equal(told->wait_status, model->wait_status);
		assert_int_equal(told->end_ns, model->time_ns);
	}
	witness_forget(witness);
	assert_int_equal(model->n_ends, model->n_ended_told == model->n);
}

/* One of the threads, of any process, that still have something to tell. */
static struct model_thread *some_untold(struct world *world, struct model **model)
{
	size_t n = 0;

	for (size_t i = 0; i < world->n; i++)
		n += world->models[i].n;
	for (size_t i = random_below(n), left = n; left; left--, i = (i + 1) % n) {
		size_t at = i;

		*model = world->models;
		while (at >= (*model)->n)
			at -= (*model)++->n;
		if ((*model)->threads[at].n_told < (*model)->threads[at].n_records)
			return &(*model)->threads[at];
	}
	return NULL;
}

static void run_world(size_t n_processes, size_t n_threads, size_t looks_percent)
{
	struct world world = {.n = n_processes};
	struct model_thread *thread;
	struct model *model;

	witness_init(&world.witness, COUNTERS);
	for (size_t i = 0; i < n_processes; i++) {
		/*
		 * Every other one has the pid of the one before; no two tasks begin at the same
		 * time.
		 */
		model_begin(&world.models[i],
		            process_id(100 + 10 * (uint32_t)(i / 2), 1000 + 1000000 * i),
		            n_threads);
		live(&world.models[i], n_threads);
	}
	while ((thread = some_untold(&world, &model))) {
		tell(&world, model, thread);
		if (chance(looks_percent))
			assert_int_equal(
				processes_for_each(world.witness.table, true, visit, &world), 0);
	}
	assert_int_equal(processes_left(world.witness.table), 0);
	for (size_t i = 0; i < n_processes; i++)
		free(world.models[i].threads);
	witness_fini(&world.witness);
}

static void small_trees_in_any_order(void **state)
{
	for (uint64_t seed = 1; seed <= 10000; seed++) {
		random_state = seed * 0x9e3779b97f4a7c15ULL;
		run_world(1 + random_below(PROCESSES_MAX), 1 + random_below(8), 30);
	}
}

static void large_trees_in_any_order(void **state)
{
	for (uint64_t seed = 1; seed <= 30; seed++) {
		random_state = seed * 0xd1342543de82ef95ULL;
		run_world(2, THREADS_MAX, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_trees_in_any_order),
		cmocka_unit_test(large_trees_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
