/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Records of the kernel in any order and with any content that their layout allows, into processes
 * and rows: each process starts once and ends once, and rows are only of processes that are there.
 */
#include "fuzz.h"

#include "core/metric_registry.h"
#include "core/pipeline.h"
#include "sources/perf/bpf/programs.h"
#include "sources/perf/fields.h"
#include "sources/perf/process_rows.h"
#include "sources/perf/processes.h"
#include "sources/perf/rows.h"

#include <errno.h>

#define PIDS 4
#define STARTS 4
#define COUNTERS 3 /* of the events below */

/* Nothing is loaded here. */
int programs_demand_fd(struct programs *programs)
{
	(void)programs;
	return -ENOSYS;
}

/* --- what is counted -------------------------------------------------------------------------- */

static struct event_instance instances[] = {
	{.pmu = (char *)"cpu_core"}, {.pmu = (char *)"cpu_atom"}, {.pmu = NULL}};

static struct event events[] = {
	{.metric = (char *)"perf_cycles", .instances = &instances[0], .n_instances = 2},
	{.metric = (char *)"perf_time", .origin = EVENT_FROM_KERNEL, .field = FIELD_CPU_TIME},
	{.metric = (char *)"perf_tsc", .instances = &instances[2], .n_instances = 1},
};

static const struct event_list event_list = {.events = events, .n = 3};

/* --- the observer ----------------------------------------------------------------------------- */

struct world {
	struct process_rows *process_rows;
	struct rows *rows;
	bool begun[PIDS][STARTS]; /* told, and not ended */
	size_t n_begun;
};

/* The place of a process, from the numbers that take_process() makes. */
static bool *place_of(struct world *world, const struct process *process)
{
	return &world->begun[process->id.pid][process->id.start_ns / 1000];
}

/* A process that was told before, or the root, which begins with its exec. */
static void require_begun(struct world *world, const struct process *process)
{
	bool *begun = place_of(world, process);

	REQUIRE(*begun || process->is_root);
	world->n_begun += !*begun;
	*begun = true;
}

static int started(void *data, struct process *process)
{
	struct world *world = data;

	REQUIRE(!*place_of(world, process) && !process->is_root);
	*place_of(world, process) = true;
	world->n_begun++;
	return process_rows_started(world->process_rows, process);
}

static int executed(void *data, struct process *process)
{
	struct world *world = data;

	require_begun(world, process);
	REQUIRE(process->executed && process->exe && process->args &&
	        process->args_length <= ARGS_MAX);
	return process_rows_executed(world->process_rows, process);
}

static int ended(void *data, struct process *process)
{
	struct world *world = data;

	require_begun(world, process);
	REQUIRE(process->is_complete && process->threads_n > 0);
	*place_of(world, process) = false;
	world->n_begun--;
	rows_value(world->rows, process, 0, process->end_ns);
	process_rows_renamed(world->process_rows, process, process->end_ns);
	rows_counted(world->rows, process, process->end_ns);
	return process_rows_ended(world->process_rows, process);
}

static int polled(void *data, struct process *process)
{
	struct world *world = data;

	require_begun(world, process);
	rows_value(world->rows, process, 0, process->end_ns);
	return rows_counted(world->rows, process, process->end_ns);
}

/* --- records ---------------------------------------------------------------------------------- */

static struct process_id take_process(struct input *input)
{
	uint8_t byte = take_u8(input);

	return (struct process_id){.pid = byte % PIDS, .start_ns = byte / PIDS % STARTS * 1000};
}

static struct task_record take_task(struct input *input)
{
	struct task_record record = {.header = {.type = RECORD_TASK, .size = sizeof(record)}};

	record.header.time_ns = take_u16(input);
	record.process = take_process(input);
	record.parent = take_process(input);
	record.flags = take_u8(input);
	record.token = take_u8(input) % 8;
	record.creator_token = take_u8(input) % 8;
	record.start_ns = take_u8(input);
	record.tid = take_u8(input) % 8;
	record.created = take_u8(input) % 4;
	record.exit_code = take_u16(input);
	record.seq = take_u8(input);
	record.cpu_ns = take_u64(input);
	take_bytes(input, record.comm, 3);
	for (size_t i = 0; i < TASK_FIELDS_N; i++)
		record.fields[i] = i % 2 ? record.cpu_ns : TASK_FIELD_NONE;
	for (size_t i = 0; i < COUNTERS; i++) {
		record.counters[i].count = take_u64(input);
		record.counters[i].enabled_ns = take_u64(input);
		record.counters[i].running_ns = take_u16(input);
	}
	return record;
}

/* A copy in memory of just its size, as the ring has it; to be freed. */
static void *of_size(const void *record, size_t size)
{
	void *copy = malloc(size);

	REQUIRE(copy);
	return memcpy(copy, record, size);
}

static struct exec_record *take_exec(struct input *input)
{
	static struct exec_record record;
	enum { WHOLE, UNREADABLE, LONGER } how;
	uint32_t total;

	record.header.type = RECORD_EXEC;
	record.path_length = take_u8(input);
	total = take_u16(input);
	how = take_u8(input) % 3;
	record.header.time_ns = take_u16(input);
	record.process = take_process(input);
	record.parent = take_process(input);
	record.is_root = take_u8(input) & 1;
	take_bytes(input, record.comm, 3);
	record.args_total = how == LONGER ? total * 4 : total;
	record.args_length = record.args_total < ARGS_CHUNK ? record.args_total : ARGS_CHUNK;
	if (how == UNREADABLE)
		record.args_length = 0;
	memset(record.data, 'x', record.path_length + record.args_length);
	take_bytes(input, record.data, record.path_length < 8 ? record.path_length : 8);
	return of_size(&record, offsetof(struct exec_record, data) + record.path_length +
	                                record.args_length);
}

static struct args_record *take_args(struct input *input)
{
	static struct args_record record;

	record.header.type = RECORD_ARGS;
	record.length = take_u16(input) % (ARGS_CHUNK + 1);
	record.process = take_process(input);
	record.offset = ARGS_CHUNK * (take_u8(input) % 9u);
	return of_size(&record, offsetof(struct args_record, data) + record.length);
}

static struct rank_record *take_rank(struct input *input)
{
	static struct rank_record record;

	record.header.type = RECORD_RANK;
	record.header.time_ns = take_u16(input);
	record.process = take_process(input);
	record.parent = take_process(input);
	memset(record.text, 'x', sizeof(record.text));
	take_bytes(input, record.text, 8);
	return of_size(&record, sizeof(record));
}

static int feed(struct processes *table, struct input *input, struct world *world)
{
	struct task_record task;
	struct exec_record *exec;
	struct args_record *args;
	struct rank_record *rank;
	int err;

	switch (take_u8(input) % 9) {
	case 0:
	case 1:
	case 2:
		task = take_task(input);
		return processes_take(table, &task.header);
	case 3:
	case 4:
		task = take_task(input);
		return processes_task_alive(table, &task);
	case 5:
		exec = take_exec(input);
		err = processes_take(table, &exec->header);
		free(exec);
		return err;
	case 6:
		args = take_args(input);
		err = processes_take(table, &args->header);
		free(args);
		return err;
	case 7:
		rank = take_rank(input);
		err = processes_take(table, &rank->header);
		free(rank);
		return err;
	default:
		return processes_for_each(table, take_u8(input) & 1, polled, world);
	}
}

static int write_points(struct output *output, const struct point *points, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		REQUIRE(i == 0 || points[i - 1].time_ns <= points[i].time_ns);
		REQUIRE(points[i].consumer_id < PIDS);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct output_ops output_ops = {.write = write_points};
	struct output output = {.ops = &output_ops};
	struct input input = {data, size};
	uint8_t switches = take_u8(&input);
	const struct rows_settings settings = {
		.per_pmu = switches & 2,
		.delta = switches & 4,
	};
	const struct process_rows_settings process_settings = {
		.info = switches & 1,
		.exit = switches & 8,
		.number_all = switches & 16,
	};
	struct world world = {0};
	const struct process_observer observer = {
		.data = &world,
		.started = started,
		.executed = executed,
		.ended = ended,
	};
	struct pipeline *pipeline = pipeline_new(NULL);
	struct metric_registry *metrics = metric_registry_new();
	struct processes *table = processes_new(COUNTERS, &observer);

	REQUIRE(!pipeline_add_output(pipeline, &output));
	REQUIRE(!process_rows_new(&process_settings, pipeline, metrics, &world.process_rows));
	REQUIRE(!rows_new(&event_list, &settings, world.process_rows, pipeline, metrics,
	                  &world.rows));
	while (input.n) {
		REQUIRE(!feed(table, &input, &world));
		REQUIRE(world.n_begun <= processes_left(table));
	}
	REQUIRE(!pipeline_flush(pipeline));
	processes_free(table);
	rows_free(world.rows);
	process_rows_free(world.process_rows);
	pipeline_free(pipeline);
	metric_registry_free(metrics);
	return 0;
}
