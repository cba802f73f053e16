/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/run_rows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/args_text.h"
#include "core/clock.h"
#include "linux/identity.h"
#include "core/log.h"
#include "core/signal_name.h"
#include "core/text.h"
#include "linux/machine.h"

#define INFO_MAX 12

/* A decimal number, with its NUL. */
#define NUMBER_SIZE 24

int run_rows_open(struct run_rows *rows, struct metric_registry *metrics, struct pipeline *pipeline)
{
	const int info = metric_register(metrics, "run_info", &UNIT_NONE, METRIC_GAUGE);
	const int note = metric_register(metrics, "run_note", &UNIT_NONE, METRIC_GAUGE);
	const int end = metric_register(metrics, "run_end", &UNIT_NONE, METRIC_GAUGE);

	*rows = (struct run_rows){pipeline, metrics, (uint32_t)info, (uint32_t)note, (uint32_t)end};
	return info < 0 || note < 0 || end < 0 ? log_oom() : 0;
}

/*
 * --- run_info ----------------------------------------------------------------------------------
 */

/* The attributes of the row, and the texts that are stored nowhere else. */
struct info {
	struct attribute items[INFO_MAX];
	size_t n;
	char uid[16], cpus[16], memory[24], max_error[24];
	char cpu[MACHINE_CPU_SIZE];
	struct utsname names;
	struct identity identity;
};

static void add(struct info *info, const char *key, const char *text)
{
	if (*text)
		info->items[info->n++] =
			(struct attribute){.key = key, .text = text, .length = strlen(text)};
}

/* How far off the clock may be, as the kernel knows it (adjtimex(2)); no row is corrected by it. */
static void add_clock(struct info *info)
{
	struct timex clock = {.modes = 0};
	const int state = adjtimex(&clock);

	if (state < 0)
		return;
	add(info, "clock_synchronized",
	    state == TIME_ERROR || (clock.status & STA_UNSYNC) ? "false" : "true");
	snprintf(info->max_error, sizeof(info->max_error), "%ld", clock.maxerror);
	add(info, "clock_max_error_us", info->max_error);
}

static void add_machine(struct info *info)
{
	const uint64_t memory = machine_memory_bytes();

	if (uname(&info->names) == 0) {
		add(info, "hostname", info->names.nodename);
		add(info, "kernel", info->names.release);
	}
	snprintf(info->cpus, sizeof(info->cpus), "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	add(info, "cpus", info->cpus);
	machine_cpu_name(info->cpu);
	add(info, "cpu", info->cpu);
	snprintf(info->memory, sizeof(info->memory), "%" PRIu64, memory);
	add(info, "memory", memory ? info->memory : "");
}

/* The command's arguments, each with a NUL. */
static void add_args(struct info *info, struct text *text, char *const *argv)
{
	struct text args = {.data = NULL};

	for (; argv && *argv; argv++)
		text_add(&args, *argv, strlen(*argv) + 1);
	args_text_add(text, args.data, args.n);
	text->failed |= args.failed;
	text_fini(&args);
	if (text->n > 0)
		info->items[info->n++] = (struct attribute){"args", text->data, text->n};
}

/*
 * Whether the values of a process are cumulative or differences: one setting decides it for all
 * process metrics. Machine-wide values, such as energy, are always differences.
 */
static const char *values_of(const struct metric_registry *metrics)
{
	const struct metric *metric;
	const char *values = "cumulative";

	for (uint32_t id = 0; (metric = metric_get(metrics, id)); id++) {
		if (metric->internal)
			continue;
		if (metric->kind == METRIC_CUMULATIVE)
			return "cumulative";
		if (metric->kind == METRIC_DELTA)
			values = "delta";
	}
	return values;
}

int run_rows_push_info(const struct run_rows *rows, const struct run_info *run)
{
	struct info info = {.n = 0};
	struct text args = {.data = NULL};
	int err;

	identity_read(&info.identity, run->id);
	add_args(&info, &args, run->argv);
	add(&info, "watched", run->watched ? run->watched : "");
	snprintf(info.uid, sizeof(info.uid), "%u", getuid());
	add(&info, "uid", info.uid);
	add_machine(&info);
	add(&info, "parent_span", info.identity.parent_span);
	add_clock(&info);
	add(&info, "values", values_of(rows->metrics));

	const struct point point = {
		.metric = rows->info,
		.time_ns = run->start_realtime_ns,
		.type = VALUE_U64,
		.value.u64 = 1,
		.n_attributes = info.n,
		.attributes = info.items,
	};

	err = args.failed ? -ENOMEM : pipeline_push(rows->pipeline, &point);
	text_fini(&args);
	return err ? log_oom() : 0;
}

/*
 * --- run_note ----------------------------------------------------------------------------------
 */

int run_rows_push_note(const struct run_rows *rows, enum report_kind kind, const char *line)
{
	const char *const name = kind == REPORT_LOSS ? "loss" : "note";
	const struct attribute attributes[] = {
		{"kind", name, strlen(name)},
		{"text", line, strlen(line)},
	};
	const struct point point = {
		.metric = rows->note,
		.time_ns = clock_to_realtime(clock_monotonic_ns()),
		.type = VALUE_U64,
		.value.u64 = 1,
		.n_attributes = sizeof(attributes) / sizeof(attributes[0]),
		.attributes = attributes,
	};

	return pipeline_push(rows->pipeline, &point);
}

/*
 * --- run_end -----------------------------------------------------------------------------------
 */

static struct attribute text_attribute(const char *key, const char *text)
{
	return (struct attribute){key, text, strlen(text)};
}

int run_rows_push_end(const struct run_rows *rows, const struct run_end *end, bool is_watch)
{
	const bool has_status = !is_watch && !end->detached;
	const int status = end->wait_status;
	const char *const reason = end->detached      ? "detached"
	                           : end->interrupted ? "interrupted"
	                                              : "ended";
	char signal[SIGNAL_NAME_SIZE], wall[NUMBER_SIZE];
	struct attribute attributes[3];
	size_t n = 0;
	struct point point = {
		.metric = rows->end,
		.time_ns = clock_to_realtime(clock_monotonic_ns()),
		.type = has_status ? VALUE_U64 : VALUE_NONE,
	};

	attributes[n++] = text_attribute("reason", reason);
	snprintf(wall, sizeof(wall), "%" PRIu64, end->wall_ns);
	attributes[n++] = text_attribute("wall-time", wall);
	if (has_status && WIFSIGNALED(status)) {
		signal_name(WTERMSIG(status), signal);
		attributes[n++] = text_attribute("signal", signal);
		point.value.u64 = 128 + (uint64_t)WTERMSIG(status);
	} else if (has_status) {
		point.value.u64 = (uint64_t)WEXITSTATUS(status);
	}
	point.attributes = attributes;
	point.n_attributes = n;
	return pipeline_push(rows->pipeline, &point);
}
