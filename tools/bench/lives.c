/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the user side costs on machines that are larger than the one at hand: the records that the
 * BPF programs would send are made up here, in the order in which a ring with many writers has
 * them, and go the whole way through processes and pipeline and become CSV rows, which nobody
 * keeps.
 *
 *   lives [LIVES [ALIVE [CPUS]]]        default: 1 000 000, 100 000, 256
 *
 * Each process executes one program and ends on the CPU it began on; ALIVE of them live at any
 * time. At the end those that live are looked at, as at each poll interval. Switches send nothing:
 * only their sums arrive.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/clock.h"
#include "core/metric_registry.h"
#include "core/pipeline.h"
#include "outputs/csv/csv.h"
#include "sources/perf/perf.h"

#define EVENTS "task-clock,page-faults,context-switches,cpu-migrations"

/* Between two lives on the whole machine. */
#define STEP_NS 5000

struct bench {
	struct perf perf;
	struct metric_registry *metrics;
	struct output *output;
	size_t lives, alive, cpus;
	struct task_record task;
	struct exec_record exec;
};

static uint64_t cpu_ns(void)
{
	return clock_thread_ns();
}

static long peak_kb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* --- records ---------------------------------------------------------------------------------- */

/* Pids come again, as they do after pid_max. */
static struct process_id id_of(size_t i)
{
	return (struct process_id){.pid = (uint32_t)(2 + i % 4000000),
	                           .start_ns = (i + 1) * STEP_NS};
}

static void make_exec(struct bench *bench, size_t i)
{
	static const char path[] = "/usr/lib/gcc/x86_64-linux-gnu/12/cc1";
	static const char args[] = "cc1\0-quiet\0-I\0include\0main.c\0-o\0main.s";
	struct exec_record *exec = &bench->exec;

	*exec = (struct exec_record){
		.process = id_of(i),
		.parent = id_of(0),
		.comm = "cc1",
		.birth_comm = "make",
		.is_root = i == 0,
		.path_length = sizeof(path) - 1,
		.args_total = sizeof(args),
		.args_length = sizeof(args),
	};
	memcpy(exec->data, path, sizeof(path) - 1);
	memcpy(exec->data + sizeof(path) - 1, args, sizeof(args));
	exec->header = (struct record_header){
		.type = RECORD_EXEC,
		.size = (uint32_t)(offsetof(struct exec_record, data) + exec->path_length +
	                           exec->args_length),
		.time_ns = exec->process.start_ns + 1,
	};
}

static void make_task(struct bench *bench, size_t i, uint64_t now_ns)
{
	struct task_record *task = &bench->task;

	task->header = (struct record_header){
		.type = RECORD_TASK, .size = sizeof(*task), .time_ns = now_ns};
	task->flags = TASK_LEADER | TASK_EXECUTED;
	task->process = id_of(i);
	task->parent = id_of(0);
	task->tid = task->process.pid;
	task->start_ns = task->process.start_ns;
	task->token = task->start_ns << 22 | task->tid;
	task->execs = 1;
	task->cpu_ns = now_ns - task->start_ns;
	task->context_switches = 1000 + i % 1000;
	task->counters[0] = (struct counter){
		.count = 100 + i % 100, .enabled_ns = task->cpu_ns, .running_ns = task->cpu_ns};
}

/* --- what is measured ------------------------------------------------------------------------- */

/*
 * Which process ends when process i begins: the oldest of a CPU, whose turn is not in their order.
 */
static size_t ending_at(const struct bench *bench, size_t i)
{
	size_t round = (i - bench->alive) / bench->cpus, turn = (i - bench->alive) % bench->cpus;
	size_t cpu = turn * 37 % bench->cpus; /* 37 and a power of 2 have no common divisor */

	return round * bench->cpus + cpu;
}

static int play(struct bench *bench)
{
	struct processes *processes = bench->perf.processes;
	int err = 0;

	for (size_t i = 0; i < bench->lives && !err; i++) {
		make_exec(bench, i);
		err = processes_take(processes, &bench->exec.header);
		if (err || i < bench->alive)
			continue;
		make_task(bench, ending_at(bench, i), bench->exec.header.time_ns);
		bench->task.flags |= TASK_ENDED;
		err = processes_take(processes, &bench->task.header);
	}
	return err;
}

static int on_polled(void *data, struct process *process)
{
	struct perf *perf = data;

	return rows_counted(perf->rows, process, perf->now_ns);
}

static int look(struct bench *bench)
{
	struct perf *perf = &bench->perf;
	int err = 0;

	perf->now_ns = (bench->lives + 1) * STEP_NS;
	for (size_t i = bench->lives - bench->alive; i < bench->lives && !err; i++) {
		make_task(bench, i, perf->now_ns);
		err = processes_task_alive(perf->processes, &bench->task);
	}
	if (!err)
		err = processes_for_each(perf->processes, false, on_polled, perf);
	return err ? err : pipeline_flush(perf->pipeline);
}

static int run(struct bench *bench)
{
	const long before_kb = peak_kb();
	const uint64_t begin_ns = cpu_ns();
	uint64_t played_ns, looked_ns;
	int err = play(bench);

	if (!err)
		err = pipeline_flush(bench->perf.pipeline);
	played_ns = cpu_ns();
	if (!err && processes_left(bench->perf.processes) != bench->alive)
		return fprintf(stderr, "lives: %zu processes are left\n",
		               processes_left(bench->perf.processes));
	if (!err)
		err = look(bench);
	looked_ns = cpu_ns();
	printf("%zu lives on %zu CPUs, %zu alive at once: %.2f us of CPU time a life (%.0f lives a "
	       "second), %.0f MB more memory, %.0f bytes for each that lives; a look at those "
	       "alive %.1f ms\n",
	       bench->lives, bench->cpus, bench->alive,
	       (double)(played_ns - begin_ns) / 1e3 / (double)bench->lives,
	       (double)bench->lives * 1e9 / (double)(played_ns - begin_ns),
	       (double)(peak_kb() - before_kb) / 1e3,
	       (double)(peak_kb() - before_kb) * 1024 / (double)bench->alive,
	       (double)(looked_ns - played_ns) / 1e6);
	return err;
}

/* --- the run's parts, without a kernel -------------------------------------------------------- */

static int open_events(struct perf *perf)
{
	struct setting_list names = {.is_set = true}, none = {0};
	const struct event_request request = {
		.events = &names,
		.hardware_events = &none,
		.software_events = &none,
		.cache_events = &none,
		.sysroot = "/",
	};
	int err = events_split(EVENTS, &names);

	if (!err)
		err = events_resolve(&request, &perf->events);
	for (size_t i = 0; i < names.n; i++)
		free(names.items[i].text);
	free(names.items);
	perf->counted = perf->events;
	return err;
}

static int open_csv(struct bench *bench)
{
	static struct csv_settings settings = {
		.append_unit_to_metric_name = true,
		.use_unit_display_name = true,
		.csv_delimiter = ";",
		.csv_late_delimiter = ",",
	};
	struct output_context context = {.metrics = bench->metrics};
	int err;

	settings.output_path = (char *)"/dev/null";
	err = csv_output.open(&settings, &context, &bench->output);
	return err ? err : pipeline_add_output(bench->perf.pipeline, bench->output);
}

static int set_up(struct bench *bench)
{
	const struct process_rows_settings processes = {.info = true, .exit = true};
	const struct rows_settings rows = {0};
	struct perf *perf = &bench->perf;
	int err = -1;

	bench->metrics = metric_registry_new();
	perf->pipeline = bench->metrics ? pipeline_new(bench->metrics) : NULL;
	if (perf->pipeline)
		err = open_events(perf);
	perf_connect(perf);
	if (!err)
		err = process_rows_new(&processes, perf->pipeline, bench->metrics,
		                       &perf->process_rows);
	if (!err)
		err = rows_new(&perf->events, &rows, perf->process_rows, perf->pipeline,
		               bench->metrics, &perf->rows);
	perf->processes = processes_new((uint32_t)counters_needed(&perf->events), &perf->observer);
	if (!err)
		err = perf->processes ? perf_add_life_fields(perf) : -1;
	if (!err)
		err = open_csv(bench);
	return err ? err : pipeline_begin(perf->pipeline);
}

static size_t argument(int argc, char **argv, int i, size_t otherwise)
{
	return argc > i ? strtoul(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	if (!bench)
		return 1;
	bench->cpus = argument(argc, argv, 3, 256);
	bench->lives = argument(argc, argv, 1, 1000000) / bench->cpus * bench->cpus;
	bench->alive = argument(argc, argv, 2, 100000) / bench->cpus * bench->cpus;
	if (!bench->alive || bench->alive > bench->lives) {
		fprintf(stderr, "usage: lives [LIVES [ALIVE [CPUS]]]\n");
		return 2;
	}
	return set_up(bench) || run(bench);
}
