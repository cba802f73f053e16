/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is read out of the ring and the maps, while the programs go on writing. libbpf's functions
 * are replaced: the maps are arrays here, and change when a test says so.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "perf_support.h"
#include "sources/perf/bpf/kernel.h"

#define TASKS_FD 1000
#define ENTRIES_MAX 300
#define FREE UINT64_MAX

/* --- a kernel ---------------------------------------------------------------------------------- */

/* Keys are even, as addresses are, but for accounts that have ended and wait. */
struct fake_map {
	struct task_record entries[ENTRIES_MAX];
	uint64_t keys[ENTRIES_MAX]; /* 2 * index, or 2 * index + 1; FREE */
	uint32_t bucket;            /* entries that are copied at once or not at all */
};

struct fake_kernel {
	struct fake_map tasks;
	struct record_header *ring[16]; /* not yet consumed */
	size_t n_ring;
	ring_buffer_sample_fn receive;
	void *receive_data;
	struct run_state run;
	void (*at_lookup)(struct fake_kernel *fake, uint64_t key); /* before it is answered */
	unsigned int lookups;
	/* What the agent was given, by token, in order. */
	struct {
		uint64_t token;
		bool alive;
		uint64_t cpu_ns, read_chars;
		char comm[COMM_SIZE];
	} given[4 * ENTRIES_MAX];
	size_t n_given;
	struct programs programs;
	struct kernel_receiver receiver;
	struct kernel *kernel;
};

static struct fake_kernel *fake;

static bool is_present(const struct fake_map *map, uint32_t i)
{
	return map->keys[i] != FREE;
}

/* As the kernel's __htab_map_lookup_and_delete_batch(), that takes nothing here: whole buckets, ENOENT behind the last. */
static int batch(const struct fake_map *map, void *in, void *out, uint64_t *keys,
                 struct task_record *values, __u32 *count)
{
	uint32_t at = 0, n = 0;
	uint32_t room = *count;

	if (in)
		memcpy(&at, in, sizeof(at));
	*count = 0;
	while (at < ENTRIES_MAX) {
		uint32_t here = 0;

		for (uint32_t i = at; i < at + map->bucket && i < ENTRIES_MAX; i++)
			here += is_present(map, i);
		if (here > room - n) {
			if (!n)
				return -ENOSPC;
			break;
		}
		for (uint32_t i = at; i < at + map->bucket && i < ENTRIES_MAX; i++) {
			if (!is_present(map, i))
				continue;
			keys[n] = map->keys[i];
			values[n++] = map->entries[i];
		}
		at += map->bucket;
	}
	*count = n;
	memcpy(out, &at, sizeof(at));
	return at < ENTRIES_MAX ? 0 : -ENOENT;
}

int bpf_map_lookup_batch(int fd, void *in, void *out, void *keys, void *values, __u32 *count,
                         const struct bpf_map_batch_opts *opts)
{
	return batch(&fake->tasks, in, out, keys, values, count);
}

int bpf_map_delete_elem(int fd, const void *key)
{
	uint64_t number;

	memcpy(&number, key, sizeof(number));
	if (fake->tasks.keys[number / 2] != number)
		return -ENOENT;
	fake->tasks.keys[number / 2] = FREE;
	return 0;
}

int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	uint64_t number;

	memcpy(&number, key, sizeof(number));
	fake->lookups++;
	if (fake->at_lookup)
		fake->at_lookup(fake, number);
	if (fake->tasks.keys[number / 2] != number)
		return -ENOENT;
	memcpy(value, &fake->tasks.entries[number / 2], sizeof(struct task_record));
	return 0;
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	return 0;
}

int programs_demand_fd(struct programs *programs)
{
	return 0;
}

int bpf_prog_test_run_opts(int fd, struct bpf_test_run_opts *opts)
{
	uint64_t arguments[2];

	if (!opts->ctx_in || opts->ctx_size_in != sizeof(arguments))
		return -EINVAL;
	memcpy(arguments, opts->ctx_in, sizeof(arguments));
	if (arguments[0] != DEMAND_FIELDS || fake->tasks.keys[arguments[1] / 2] != arguments[1])
		return 0;
	fake->run.reading = (struct task_reading){.comm = "renamed"};
	fake->run.reading.fields[TASK_READ_CHARS] = arguments[1];
	opts->retval = 1;
	return 0;
}

struct ring_buffer *ring_buffer__new(int fd, ring_buffer_sample_fn receive, void *data,
                                     const struct ring_buffer_opts *opts)
{
	fake->receive = receive;
	fake->receive_data = data;
	return (struct ring_buffer *)fake;
}

void ring_buffer__free(struct ring_buffer *ring)
{
}

int ring_buffer__epoll_fd(const struct ring_buffer *ring)
{
	return 77;
}

int ring_buffer__consume(struct ring_buffer *ring)
{
	size_t n = fake->n_ring;

	fake->n_ring = 0;
	for (size_t i = 0; i < n; i++) {
		int err = fake->receive(fake->receive_data, fake->ring[i], fake->ring[i]->size);

		if (err < 0)
			return err;
	}
	return (int)n;
}

/* --- the agent --------------------------------------------------------------------------------- */

static int give(void *data, const struct task_record *record, bool alive)
{
	fake->given[fake->n_given].token = record->token;
	fake->given[fake->n_given].cpu_ns = record->cpu_ns;
	fake->given[fake->n_given].read_chars = record->fields[TASK_READ_CHARS];
	memcpy(fake->given[fake->n_given].comm, record->comm, COMM_SIZE);
	fake->given[fake->n_given++].alive = alive;
	return 0;
}

static int take_ended(void *data, const struct task_record *record)
{
	return give(data, record, false);
}

static int take_alive(void *data, const struct task_record *record)
{
	return give(data, record, true);
}

static int take_executed(void *data, const struct exec_record *record)
{
	struct task_record seen = {.token = record->process.start_ns};

	return give(data, &seen, false);
}

static int take_args(void *data, const struct args_record *record)
{
	return 0;
}

static int make(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	FILE *cpus = tmpfile();

	fake = calloc(1, sizeof(*fake));
	fake->tasks.bucket = 1;
	for (uint32_t i = 0; i < ENTRIES_MAX; i++)
		fake->tasks.keys[i] = FREE;
	fake->receiver = (struct kernel_receiver){
		.ended = take_ended,
		.alive = take_alive,
		.executed = take_executed,
		.more_args = take_args,
	};
	if (!cpus || ftruncate(fileno(cpus), (off_t)(16 * page)))
		return -1;
	fake->programs = (struct programs){
		.reserve_fd = -1,
		.tasks_fd = TASKS_FD,
		.cpus_fd = fileno(cpus),
		.run = &fake->run,
	};
	if (kernel_new(&fake->programs, 2, 2, &fake->receiver, &fake->kernel))
		return -1;
	fclose(cpus);
	*state = fake;
	return 0;
}

static int unmake(void **state)
{
	kernel_free(fake->kernel);
	free(fake);
	return 0;
}

/* A task in the map, with the index for its number. */
static struct task_record *add_task(struct fake_map *map, uint32_t i)
{
	map->keys[i] = 2 * i;
	map->entries[i] = thread_of(process_id(100, 1000), 100 + i, 1000 + i);
	map->entries[i].seq = 2;
	map->entries[i].cpu_ns = i;
	return &map->entries[i];
}

/* One that has ended and found the ring full. */
static void add_kept(struct fake_map *map, uint32_t i)
{
	add_task(map, i)->flags |= TASK_ENDED;
	map->keys[i] = 2 * i + 1;
}

/* --- tests ------------------------------------------------------------------------------------- */

static void every_living_task_is_passed_on_once(void **state)
{
	/* The second: a bucket with more entries than are copied at first. */
	static const uint32_t buckets[] = {1, 150};

	for (size_t b = 0; b < 2; b++) {
		fake->tasks.bucket = buckets[b];
		fake->n_given = 0;
		for (uint32_t i = 0; i < ENTRIES_MAX; i++)
			add_task(&fake->tasks, i);
		assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
		assert_int_equal(fake->n_given, ENTRIES_MAX);
		for (uint32_t i = 0; i < ENTRIES_MAX; i++) {
			assert_true(fake->given[i].alive);
			assert_int_equal(fake->given[i].cpu_ns, i);
		}
	}
}

/* The same, and the name of the moment; of a task that has ended meanwhile nothing. */
static void fields_of_the_living_are_read_on_request(void **state)
{
	for (uint32_t i = 0; i < 3; i++)
		add_task(&fake->tasks, i);
	assert_int_equal(kernel_snapshot(fake->kernel, true), 0);
	assert_int_equal(fake->n_given, 3);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(fake->given[i].read_chars, 2 * i);
		assert_string_equal(fake->given[i].comm, "renamed");
	}
	fake->n_given = 0;
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 3);
	assert_true(fake->given[0].read_chars == TASK_FIELD_NONE);
}

static void tasks_of_no_time_yet_are_not_passed_on(void **state)
{
	add_task(&fake->tasks, 0)->flags |= TASK_PENDING; /* the root before its exec */
	add_task(&fake->tasks, 1)->tid = 0;               /* not filled in */
	add_task(&fake->tasks, 2)->seq = 1;               /* being written, for ever */
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 0);
}

static void write_halfway(struct fake_kernel *kernel, uint64_t key)
{
	struct task_record *entry = &kernel->tasks.entries[key / 2];

	if (kernel->lookups == 1) {
		entry->seq = 3;
		entry->cpu_ns = 50;
	} else if (kernel->lookups == 2) {
		entry->seq = 4;
		entry->cpu_ns = 60;
	}
}

static void an_account_is_passed_on_as_it_was_at_one_moment(void **state)
{
	add_task(&fake->tasks, 0);
	fake->at_lookup = write_halfway;
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 1);
	assert_int_equal(fake->given[0].cpu_ns, 60);
	assert_int_equal(fake->lookups, 3);
}

static void write_out_of_order(struct fake_kernel *kernel, uint64_t key)
{
	struct task_record *entry = &kernel->tasks.entries[key / 2];

	if (kernel->lookups == 1)
		entry->cpu_ns = 60;
	else if (kernel->lookups == 2)
		entry->seq = 4;
}

/* As a CPU of arm64 may let others see it: the counts first, the number that guards them later. */
static void writes_that_are_seen_out_of_order_are_not_mixed(void **state)
{
	add_task(&fake->tasks, 0)->counters[0].count = 7;
	fake->at_lookup = write_out_of_order;
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 1);
	assert_int_equal(fake->given[0].cpu_ns, 60);
	assert_int_equal(fake->lookups, 3);
}

static void give_to_another(struct fake_kernel *kernel, uint64_t key)
{
	if (kernel->lookups > 1)
		return;
	kernel->tasks.entries[key / 2].token = 4711;
	kernel->tasks.entries[key / 2].cpu_ns = 1;
}

static void an_entry_given_to_another_task_is_that_ones(void **state)
{
	add_task(&fake->tasks, 0)->cpu_ns = 99;
	fake->at_lookup = give_to_another;
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 1);
	assert_int_equal(fake->given[0].token, 4711);
	assert_int_equal(fake->given[0].cpu_ns, 1);
}

/*
 * Its last record is in the ring, and may have been read already, while the entry has not left the
 * map: passing it on as alive would raise the dead.
 */
static void a_task_that_has_ended_is_not_passed_on_as_alive(void **state)
{
	add_task(&fake->tasks, 0)->flags |= TASK_ENDED;
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 0);
}

static void kept_accounts_come_after_what_is_in_the_ring(void **state)
{
	static struct exec_record exec;

	exec = exec_of(process_id(100, 1), 1, "/bin/sh", "", 0, 0);
	exec.header.size = sizeof(exec);
	fake->ring[fake->n_ring++] = &exec.header;
	for (uint32_t i = 0; i < 200; i++)
		add_kept(&fake->tasks, i);
	add_task(&fake->tasks, 200); /* alive: stays, and is not passed on */
	fake->run.losses.ring_full = 200;
	assert_int_equal(kernel_drain(fake->kernel), 0);
	assert_int_equal(fake->n_given, 201);
	assert_int_equal(fake->given[0].token, 1);
	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(fake->given[i + 1].cpu_ns, i);
	assert_int_equal(kernel_drain(fake->kernel), 0);
	assert_int_equal(fake->n_given, 201);
	assert_true(is_present(&fake->tasks, 200));
	assert_false(is_present(&fake->tasks, 0)); /* there is room again */
}

static void kept_accounts_are_not_alive(void **state)
{
	add_kept(&fake->tasks, 0);
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 0);
	assert_true(is_present(&fake->tasks, 0));
}

/* The program counts first and keeps then; it may be looked at in between. */
static void an_account_that_is_counted_before_it_is_there_is_collected_later(void **state)
{
	fake->run.losses.ring_full = 2;
	add_kept(&fake->tasks, 5);
	assert_int_equal(kernel_drain(fake->kernel), 0);
	assert_int_equal(fake->n_given, 1);
	add_kept(&fake->tasks, 9);
	assert_int_equal(kernel_drain(fake->kernel), 0);
	assert_int_equal(fake->n_given, 2);
	assert_int_equal(fake->given[1].cpu_ns, 9);
	/* Without anything to find the map is not asked again. */
	fake->run.losses.ring_full = 3;
	fake->run.losses.records = 1;
	add_kept(&fake->tasks, 7);
	assert_int_equal(kernel_drain(fake->kernel), 0);
	assert_int_equal(fake->n_given, 2);
}

static void a_record_of_no_known_type_ends_the_reading(void **state)
{
	static struct record_header unknown;

	unknown = (struct record_header){.type = 99, .size = sizeof(unknown)};
	fake->ring[fake->n_ring++] = &unknown;
	assert_int_equal(kernel_drain(fake->kernel), -EPROTO);
	unknown = (struct record_header){.type = RECORD_TASK, .size = 4};
	fake->ring[fake->n_ring++] = &unknown;
	assert_int_equal(kernel_drain(fake->kernel), -EPROTO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(every_living_task_is_passed_on_once),
		TEST(fields_of_the_living_are_read_on_request),
		TEST(tasks_of_no_time_yet_are_not_passed_on),
		TEST(an_account_is_passed_on_as_it_was_at_one_moment),
		TEST(writes_that_are_seen_out_of_order_are_not_mixed),
		TEST(an_entry_given_to_another_task_is_that_ones),
		TEST(a_task_that_has_ended_is_not_passed_on_as_alive),
		TEST(kept_accounts_come_after_what_is_in_the_ring),
		TEST(kept_accounts_are_not_alive),
		TEST(an_account_that_is_counted_before_it_is_there_is_collected_later),
		TEST(a_record_of_no_known_type_ends_the_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
