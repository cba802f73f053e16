/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/fields.h"

#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "sources/perf/processes.h"

#define PROC_PATH_SIZE 256

/*
 * User and system time as wait4(), getrusage() and /proc/PID/stat tell them. With TICK_CPU_ACCOUNTING,
 * and with VIRT_CPU_ACCOUNTING_GEN unless a CPU is nohz_full, the kernel only knows where its timer
 * tick has found a task, but to the nanosecond how long it ran: it divides the latter as the former.
 * What it once told only grows. This is cputime_adjust() of kernel/sched/cputime.c, the same since 5.8.
 * With VIRT_CPU_ACCOUNTING_NATIVE there is nothing to divide: both are measured.
 */
static uint64_t system_share(const __u64 *sum, uint64_t cpu_ns)
{
	uint64_t user = sum[TASK_USER_TICKS], system = sum[TASK_SYSTEM_TICKS];

	if (system == 0)
		return 0;
	if (user == 0)
		return cpu_ns;
	return (uint64_t)((unsigned __int128)system * cpu_ns / (user + system));
}

static uint64_t system_time(const struct process *process, uint64_t now_ns)
{
	const __u64 *sum = process->sum->fields;
	uint64_t cpu_ns = process->sum->kernel.cpu_ns;
	uint64_t user_before = sum[TASK_USER_REPORTED], before = sum[TASK_SYSTEM_REPORTED];
	uint64_t system;

	if (before == TASK_FIELD_NONE)
		return sum[TASK_SYSTEM_TICKS];
	if (user_before + before >= cpu_ns)
		return before < cpu_ns ? before : cpu_ns;
	system = system_share(sum, cpu_ns);
	if (system < before)
		return before;
	return cpu_ns - system < user_before ? cpu_ns - user_before : system;
}

static uint64_t user_time(const struct process *process, uint64_t now_ns)
{
	const __u64 *sum = process->sum->fields;

	if (sum[TASK_SYSTEM_REPORTED] == TASK_FIELD_NONE)
		return sum[TASK_USER_TICKS];
	return process->sum->kernel.cpu_ns - system_time(process, now_ns);
}

static uint64_t cpu_time(const struct process *process, uint64_t now_ns)
{
	return process->sum->kernel.cpu_ns;
}

static uint64_t wall_time(const struct process *process, uint64_t now_ns)
{
	uint64_t end_ns = process->is_complete ? process->end_ns : now_ns;

	return end_ns > process->begin_ns ? end_ns - process->begin_ns : 0;
}

static uint64_t context_switches(const struct process *process, uint64_t now_ns)
{
	return process->sum->kernel.context_switches;
}

static uint64_t migrations(const struct process *process, uint64_t now_ns)
{
	return process->sum->kernel.migrations;
}

#define NS &UNIT_NANOSECOND
#define BYTE &UNIT_BYTE
#define NONE &UNIT_NONE

/* clang-format off */
const struct field process_fields[FIELDS_N] = {
	[FIELD_CPU_TIME] = {"cpu-time", NULL, "process_cpu_time", NS, LIFE_FOLD_SUM, cpu_time},
	[TASK_USER_TICKS] = {"user-time", "user_time", "process_user_time", NS, LIFE_FOLD_SUM, user_time},
	[TASK_SYSTEM_TICKS] = {"system-time", "system_time", "process_system_time", NS, LIFE_FOLD_SUM, system_time},
	[FIELD_WALL_TIME] = {"wall-time", "duration_time", "process_wall_time", NS, LIFE_FOLD_MAX, wall_time},
	[TASK_RUNQUEUE_WAIT] = {"runqueue-wait", NULL, "process_runqueue_wait", NS, LIFE_FOLD_SUM, NULL},
	[TASK_BLOCK_WAIT] = {"block-wait", NULL, "process_block_wait", NS, LIFE_FOLD_SUM, NULL},
	[TASK_PEAK_RSS] = {"peak-rss", NULL, "process_peak_rss", BYTE, LIFE_FOLD_MAX, NULL},
	[TASK_READ_BYTES] = {"read-bytes", NULL, "process_read_bytes", BYTE, LIFE_FOLD_SUM, NULL},
	[TASK_WRITE_BYTES] = {"write-bytes", NULL, "process_write_bytes", BYTE, LIFE_FOLD_SUM, NULL},
	[TASK_READ_CHARS] = {"read-chars", NULL, "process_read_chars", BYTE, LIFE_FOLD_SUM, NULL},
	[TASK_WRITE_CHARS] = {"write-chars", NULL, "process_write_chars", BYTE, LIFE_FOLD_SUM, NULL},
	[TASK_VOLUNTARY_SWITCHES] = {"voluntary-switches", NULL, "process_voluntary_switches", NONE, LIFE_FOLD_SUM, NULL},
	[TASK_INVOLUNTARY_SWITCHES] = {"involuntary-switches", NULL, "process_involuntary_switches", NONE, LIFE_FOLD_SUM, NULL},
	/* Without a name: what others are computed from, or known under an event's name. */
	[TASK_USER_REPORTED] = {.fold = LIFE_FOLD_MAX},
	[TASK_SYSTEM_REPORTED] = {.fold = LIFE_FOLD_MAX},
	[TASK_EXECS] = {.fold = LIFE_FOLD_SUM},
	[FIELD_CONTEXT_SWITCHES] = {.fold = LIFE_FOLD_SUM, .value = context_switches},
	[FIELD_MIGRATIONS] = {.fold = LIFE_FOLD_SUM, .value = migrations},
};
/* clang-format on */

bool field_find(const char *name, uint32_t *field)
{
	uint32_t i;

	for (i = 0; i < FIELDS_N; i++) {
		if (!process_fields[i].name)
			continue;
		if (strcasecmp(name, process_fields[i].name) == 0 ||
		    strcasecmp(name, process_fields[i].metric) == 0 ||
		    (process_fields[i].perf_name &&
		     strcasecmp(name, process_fields[i].perf_name) == 0)) {
			*field = i;
			return true;
		}
	}
	return false;
}

/* --- folding ----------------------------------------------------------------------------------- */

void fields_clear(__u64 sum[TASK_FIELDS_N])
{
	uint32_t i;

	for (i = 0; i < TASK_FIELDS_N; i++)
		sum[i] = TASK_FIELD_NONE;
}

static uint64_t fold(enum life_fold how, uint64_t sum, uint64_t value)
{
	switch (how) {
	case LIFE_FOLD_MAX:
		return value > sum ? value : sum;
	case LIFE_FOLD_LAST:
		return value;
	case LIFE_FOLD_SUM:
		break;
	}
	return sum + value;
}

void fields_fold(__u64 sum[TASK_FIELDS_N], const __u64 thread[TASK_FIELDS_N])
{
	uint32_t i;

	for (i = 0; i < TASK_FIELDS_N; i++) {
		if (thread[i] == TASK_FIELD_NONE)
			continue;
		sum[i] = sum[i] == TASK_FIELD_NONE
		                 ? thread[i]
		                 : fold(process_fields[i].fold, sum[i], thread[i]);
	}
}

struct life_value field_value(const struct process *process, uint32_t field, uint64_t now_ns)
{
	const struct field *known = &process_fields[field];
	struct life_value value = {.type = VALUE_U64};

	if (field < TASK_FIELDS_N && process->sum->fields[field] == TASK_FIELD_NONE)
		return (struct life_value){.type = VALUE_NONE};
	value.u64 = known->value ? known->value(process, now_ns) : process->sum->fields[field];
	/* Of a process that was never counted a 0 would not be true. */
	if (!value.u64 && process->is_hidden && process->born_hidden)
		value.type = VALUE_NONE;
	return value;
}

bool field_is_asked_for(uint32_t field)
{
	return field < TASK_FIELDS_N;
}

/* --- what this kernel keeps -------------------------------------------------------------------- */

static bool has_file(const char *proc, const char *name)
{
	char path[PROC_PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", proc, name);
	return access(path, F_OK) == 0;
}

/* The first character of a file, or '\0' when it cannot be read. */
static char first_character(const char *proc, const char *name)
{
	char path[PROC_PATH_SIZE];
	FILE *file;
	int c;

	snprintf(path, sizeof(path), "%s/%s", proc, name);
	file = fopen(path, "re");
	if (!file)
		return '\0';
	c = getc(file);
	fclose(file);
	return c == EOF ? '\0' : (char)c;
}

bool field_is_missing(uint32_t field, const char *proc, const char **why, const char **remedy)
{
	*remedy = NULL;
	switch (field) {
	case TASK_RUNQUEUE_WAIT:
		*why = "this kernel is built without CONFIG_SCHED_INFO";
		return !has_file(proc, "self/schedstat");
	case TASK_READ_BYTES:
	case TASK_WRITE_BYTES:
	case TASK_READ_CHARS:
	case TASK_WRITE_CHARS:
		*why = "this kernel is built without CONFIG_TASK_IO_ACCOUNTING";
		return !has_file(proc, "self/io");
	case TASK_BLOCK_WAIT:
		/* The switch is there since Linux 5.14; before, delays are kept by default. */
		*why = "this kernel does not keep delays of tasks";
		*remedy = "switch it on: sysctl kernel.task_delayacct=1 (or boot with delayacct)";
		return first_character(proc, "sys/kernel/task_delayacct") == '0';
	default:
		return false;
	}
}
