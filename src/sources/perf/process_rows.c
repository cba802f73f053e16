/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/process_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "alumet/metric.h"
#include "core/clock.h"
#include "core/number.h"
#include "core/pipeline.h"
#include "core/signal_name.h"
#include "core/text.h"
#include "core/args_text.h"
#include "sources/perf/fields.h"

/* Memory for arguments that is kept from one process to the next. */
#define ARGS_KEEP ((size_t)64 * 1024)

/* A number in decimal, or a signal's name, with its NUL. */
#define NUMBER_SIZE 24

/* Fields that every process_exit and process_alive point has, where the kernel keeps them. */
static const uint32_t exit_fields[] = {FIELD_CPU_TIME,  TASK_USER_TICKS, TASK_SYSTEM_TICKS,
                                       FIELD_WALL_TIME, TASK_PEAK_RSS,   TASK_RUNQUEUE_WAIT,
                                       TASK_BLOCK_WAIT};

/* By how much the peak memory may be wrong. */
#define PEAK_ESTIMATED "peak-rss-estimated"

#define EXIT_FIELDS (sizeof(exit_fields) / sizeof(exit_fields[0]))

struct process_rows {
	struct process_rows_settings settings;
	struct pipeline *pipeline;
	uint32_t info_metric, exit_metric, alive_metric;
	struct text args; /* scratch */
};

/* The attributes of a point under construction, with buffers for numbers. */
struct attributes {
	struct attribute items[16];
	size_t n;
	char numbers[16][NUMBER_SIZE];
};

static void add_bytes(struct attributes *attributes, const char *key, const char *text, size_t n)
{
	attributes->items[attributes->n++] =
		(struct attribute){.key = key, .text = text, .length = n};
}

static void add_string(struct attributes *attributes, const char *key, const char *text)
{
	add_bytes(attributes, key, text, strlen(text));
}

static void add_number(struct attributes *attributes, const char *key, uint64_t number)
{
	char *text = attributes->numbers[attributes->n];

	add_bytes(attributes, key, text, number_format_u64(number, text));
}

struct point process_rows_point(const struct process_rows *rows, const struct process *process,
                                uint32_t metric, uint64_t realtime_ns)
{
	if (process->cgroup)
		return (struct point){
			.metric = metric,
			.time_ns = realtime_ns,
			.resource_kind = RESOURCE_LOCAL_MACHINE,
			.consumer_kind = CONSUMER_CGROUP,
			.consumer_text = process->cgroup,
		};
	return (struct point){
		.metric = metric,
		.time_ns = realtime_ns,
		.resource_kind = RESOURCE_LOCAL_MACHINE,
		.consumer_kind = CONSUMER_PROCESS,
		.consumer_id = process->id.pid,
		.consumer_start_ns = process->id.start_ns,
		.consumer_life =
			process->number > 1 || rows->settings.number_all ? process->number : 0,
		.consumer_rank = process->rank,
	};
}

static int push(struct process_rows *rows, const struct process *process, uint32_t metric,
                uint64_t time_ns, struct life_value value, const struct attributes *attributes)
{
	struct point point = process_rows_point(rows, process, metric, clock_to_realtime(time_ns));

	point.type = value.type;
	point.value.u64 = value.u64;
	point.n_attributes = attributes->n;
	point.attributes = attributes->items;
	return pipeline_push(rows->pipeline, &point);
}

/* --- process_info ----------------------------------------------------------------------------- */

static int push_info(struct process_rows *rows, struct process *process, uint64_t time_ns,
                     const char *comm, bool is_adoption)
{
	struct attributes attributes = {.n = 0};
	char created[CLOCK_RFC3339_SIZE];

	if (!rows->settings.info)
		return 0;
	memcpy(process->shown_comm, comm, COMM_SIZE);
	add_number(&attributes, "ppid", process->parent.pid);
	add_bytes(&attributes, "comm", comm, strnlen(comm, COMM_SIZE));
	if (process->exe)
		add_string(&attributes, "exe", process->exe);
	if (process->args) {
		text_clear(&rows->args, ARGS_KEEP);
		args_text_add(&rows->args, process->args, process->args_length);
		if (rows->args.failed)
			return -ENOMEM;
		add_bytes(&attributes, "args", rows->args.n ? rows->args.data : "", rows->args.n);
	}
	if (process->args_cut)
		add_string(&attributes, "args_cut", "true");
	if (process->args && process->is_hidden)
		add_string(&attributes, "hidden", "true");
	if (is_adoption) {
		clock_format_rfc3339(clock_to_realtime(process->id.start_ns), created);
		add_string(&attributes, "adopted", "true");
		add_string(&attributes, "created", created);
	}
	return push(rows, process, rows->info_metric, time_ns,
	            (struct life_value){.type = VALUE_U64, .u64 = 1}, &attributes);
}

int process_rows_started(struct process_rows *rows, struct process *process)
{
	return push_info(rows, process, process->begin_ns, process->birth_comm, false);
}

int process_rows_adopted(struct process_rows *rows, struct process *process)
{
	return push_info(rows, process, process->begin_ns, process->birth_comm, true);
}

int process_rows_executed(struct process_rows *rows, struct process *process)
{
	return push_info(rows, process, process->exec_ns, process->comm, false);
}

int process_rows_renamed(struct process_rows *rows, struct process *process, uint64_t time_ns)
{
	if (memcmp(process->shown_comm, process->comm, COMM_SIZE) == 0)
		return 0;
	return push_info(rows, process, time_ns, process->comm, false);
}

/* --- process_exit ----------------------------------------------------------------------------- */

static void add_signal(struct attributes *attributes, int number)
{
	char *text = attributes->numbers[attributes->n];

	_Static_assert(NUMBER_SIZE >= SIGNAL_NAME_SIZE, "room for the name of a signal");
	signal_name(number, text);
	add_string(attributes, "signal", text);
}

static void add_fields(struct attributes *attributes, const struct process *process)
{
	size_t i;

	for (i = 0; i < EXIT_FIELDS; i++) {
		const struct life_value value =
			field_value(process, exit_fields[i], process->end_ns);

		if (value.type == VALUE_U64)
			add_number(attributes, process_fields[exit_fields[i]].name, value.u64);
		if (exit_fields[i] == TASK_PEAK_RSS && value.estimated > 0)
			add_number(attributes, PEAK_ESTIMATED, (uint64_t)value.estimated);
	}
}

/* The exit status; no value for a process whose end the agent's user may not observe. */
static struct life_value exit_value(const struct process *process)
{
	const int status = process->wait_status;

	if (process_status_is_hidden(process) || process->has_left)
		return (struct life_value){.type = VALUE_NONE};
	return (struct life_value){
		.type = VALUE_U64,
		.u64 = (uint64_t)(WIFSIGNALED(status) ? 128 + WTERMSIG(status)
	                                              : WEXITSTATUS(status)),
	};
}

/* Who it was, and since when. start: room for a time, which is used with the attributes. */
static void add_life(struct attributes *attributes, const struct process *process,
                     char start[static CLOCK_RFC3339_SIZE])
{
	const __u64 execs = process->sum->fields[TASK_EXECS];

	clock_format_rfc3339(clock_to_realtime(process->begin_ns), start);
	add_bytes(attributes, "comm", process->comm, strnlen(process->comm, COMM_SIZE));
	add_string(attributes, "start", start);
	add_number(attributes, "threads", process->threads_n);
	add_number(attributes, "execs", execs == TASK_FIELD_NONE ? 0 : execs);
}

int process_rows_ended(struct process_rows *rows, const struct process *process)
{
	const struct life_value value = exit_value(process);
	const bool killed = value.type == VALUE_U64 && WIFSIGNALED(process->wait_status);
	struct attributes attributes = {.n = 0};
	char start[CLOCK_RFC3339_SIZE];

	if (!rows->settings.exit)
		return 0;
	add_life(&attributes, process, start);
	if (process->has_left)
		add_string(&attributes, "left", "true");
	if (killed)
		add_signal(&attributes, WTERMSIG(process->wait_status));
	if (killed && WCOREDUMP(process->wait_status))
		add_string(&attributes, "core", "true");
	if (killed && process->oom_killed)
		add_string(&attributes, "oom", "true");
	add_fields(&attributes, process);
	return push(rows, process, rows->exit_metric, process->end_ns, value, &attributes);
}

int process_rows_alive(struct process_rows *rows, const struct process *process)
{
	static const struct life_value value = {.type = VALUE_U64, .u64 = 1};
	struct attributes attributes = {.n = 0};
	char start[CLOCK_RFC3339_SIZE];

	if (!rows->settings.exit)
		return 0;
	add_life(&attributes, process, start);
	add_fields(&attributes, process);
	return push(rows, process, rows->alive_metric, process->end_ns, value, &attributes);
}

/* --- the rows --------------------------------------------------------------------------------- */

static int announce(const struct process_rows *rows, struct metric_registry *metrics)
{
	static const char *const of_info[] = {"ppid", "comm", "exe", "args", "args_cut"};
	static const char *const of_exit[] = {"comm",   "start", "threads", "execs",
	                                      "signal", "core",  "oom",     PEAK_ESTIMATED};
	int err = metric_announce_attribute(metrics, "life");
	size_t i;

	if (!err && rows->settings.info && rows->settings.restricted)
		err = metric_announce_attribute(metrics, "hidden");
	if (!err && rows->settings.info && rows->settings.watches)
		err = metric_announce_attribute(metrics, "adopted");
	if (!err && rows->settings.info && rows->settings.watches)
		err = metric_announce_attribute(metrics, "created");
	if (!err && rows->settings.exit && rows->settings.watches)
		err = metric_announce_attribute(metrics, "left");
	if (!err && rows->settings.ranks)
		err = metric_announce_attribute(metrics, "rank");
	for (i = 0; i < sizeof(of_info) / sizeof(of_info[0]) && rows->settings.info && !err; i++)
		err = metric_announce_attribute(metrics, of_info[i]);
	for (i = 0; i < sizeof(of_exit) / sizeof(of_exit[0]) && rows->settings.exit && !err; i++)
		err = metric_announce_attribute(metrics, of_exit[i]);
	for (i = 0; i < EXIT_FIELDS && rows->settings.exit && !err; i++)
		err = metric_announce_attribute(metrics, process_fields[exit_fields[i]].name);
	return err;
}

int process_rows_new(const struct process_rows_settings *settings, struct pipeline *pipeline,
                     struct metric_registry *metrics, struct process_rows **result)
{
	struct process_rows *rows = calloc(1, sizeof(*rows));
	int info, exit, alive, err;

	*result = NULL;
	if (!rows)
		return -ENOMEM;
	rows->settings = *settings;
	rows->pipeline = pipeline;
	info = metric_register(metrics, "process_info", &UNIT_NONE, METRIC_GAUGE);
	exit = metric_register(metrics, "process_exit", &UNIT_NONE, METRIC_GAUGE);
	alive = metric_register(metrics, "process_alive", &UNIT_NONE, METRIC_GAUGE);
	err = info < 0 ? info : exit < 0 ? exit : alive < 0 ? alive : announce(rows, metrics);
	if (err) {
		process_rows_free(rows);
		return err;
	}
	rows->info_metric = (uint32_t)info;
	rows->exit_metric = (uint32_t)exit;
	rows->alive_metric = (uint32_t)alive;
	*result = rows;
	return 0;
}

void process_rows_free(struct process_rows *rows)
{
	if (!rows)
		return;
	text_fini(&rows->args);
	free(rows);
}
