/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/fields.h"

#include <strings.h>

#include "linux/text_file.h"
#include "sources/perf/processes.h"

/*
 * User and system time as in wait4(), getrusage() and /proc/PID/stat. With TICK_CPU_ACCOUNTING, and
 * with VIRT_CPU_ACCOUNTING_GEN unless a CPU is nohz_full, the kernel knows the run time to the
 * nanosecond, but user and system mode only from its timer ticks: it divides the time in proportion
 * to the ticks, such that reported values never decrease. This is cputime_adjust() of
 * kernel/sched/cputime.c, unchanged since 5.8. With VIRT_CPU_ACCOUNTING_NATIVE, both are measured,
 * and nothing is divided.
 */
static uint64_t system_share(const __u64 *sum, uint64_t cpu_ns)
{
	uint64_t user = sum[TASK_USER_TICKS], system = sum[TASK_SYSTEM_TICKS];

	if (system == 0)
		return 0;
	if (user == 0)
		return cpu_ns;
	return (uint64_t)((unsigned __int128)system * cpu_ns / ((unsigned __int128)user + system));
}

static uint64_t system_as_reported(const struct process *process)
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

/*
 * The kernel's own limits only move when somebody asks it, for wait4() or /proc/PID/stat, which the
 * agent does not. What it has shown itself is a limit likewise; where both cannot be met, because
 * somebody asked between two of its readings, what was shown here does not go down.
 */
static uint64_t system_time(const struct process *process, uint64_t now_ns)
{
	const uint64_t cpu_ns = process->sum->kernel.cpu_ns;
	const uint64_t system = system_as_reported(process);

	if (process->sum->fields[TASK_SYSTEM_REPORTED] == TASK_FIELD_NONE)
		return system;
	if (system < process->shown_system_ns ||
	    process->shown_user_ns + process->shown_system_ns >= cpu_ns)
		return process->shown_system_ns;
	return cpu_ns - system < process->shown_user_ns ? cpu_ns - process->shown_user_ns : system;
}

static uint64_t user_time(const struct process *process, uint64_t now_ns)
{
	const __u64 *sum = process->sum->fields;
	const uint64_t cpu_ns = process->sum->kernel.cpu_ns;
	const uint64_t system = system_time(process, now_ns);

	if (sum[TASK_SYSTEM_REPORTED] == TASK_FIELD_NONE)
		return sum[TASK_USER_TICKS];
	return cpu_ns < process->shown_user_ns + system ? process->shown_user_ns : cpu_ns - system;
}

void fields_shown(struct process *process, uint32_t field)
{
	uint64_t user, system;

	if ((field != TASK_USER_TICKS && field != TASK_SYSTEM_TICKS) ||
	    process->sum->fields[field] == TASK_FIELD_NONE)
		return;
	user = user_time(process, 0);
	system = system_time(process, 0);
	process->shown_user_ns = user;
	process->shown_system_ns = system;
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
#define SUM LIFE_FOLD_SUM
#define MAX LIFE_FOLD_MAX

/* clang-format off */
const struct field process_fields[FIELDS_N] = {
	[FIELD_CPU_TIME] = {"cpu-time", NULL, "process_cpu_time", NS, SUM, cpu_time},
	[TASK_USER_TICKS] = {"user-time", "user_time", "process_user_time", NS, SUM, user_time},
	[TASK_SYSTEM_TICKS] =
		{"system-time", "system_time", "process_system_time", NS, SUM, system_time},
	[FIELD_WALL_TIME] = {"wall-time", "duration_time", "process_wall_time", NS, MAX, wall_time},
	[TASK_RUNQUEUE_WAIT] = {"runqueue-wait", NULL, "process_runqueue_wait", NS, SUM, NULL},
	[TASK_BLOCK_WAIT] = {"block-wait", NULL, "process_block_wait", NS, SUM, NULL},
	[TASK_PEAK_RSS] = {"peak-rss", NULL, "process_peak_rss", BYTE, MAX, NULL},
	[TASK_READ_BYTES] = {"read-bytes", NULL, "process_read_bytes", BYTE, SUM, NULL},
	[TASK_WRITE_BYTES] = {"write-bytes", NULL, "process_write_bytes", BYTE, SUM, NULL},
	[TASK_READ_CHARS] = {"read-chars", NULL, "process_read_chars", BYTE, SUM, NULL},
	[TASK_WRITE_CHARS] = {"write-chars", NULL, "process_write_chars", BYTE, SUM, NULL},
	[TASK_VOLUNTARY_SWITCHES] =
		{"voluntary-switches", NULL, "process_voluntary_switches", NONE, SUM, NULL},
	[TASK_INVOLUNTARY_SWITCHES] =
		{"involuntary-switches", NULL, "process_involuntary_switches", NONE, SUM, NULL},
	/* Without a name: values from which others are computed, or that have an event's name. */
	[TASK_USER_REPORTED] = {.fold = MAX},
	[TASK_SYSTEM_REPORTED] = {.fold = MAX},
	[TASK_EXECS] = {.fold = SUM},
	[FIELD_CONTEXT_SWITCHES] = {.fold = SUM, .value = context_switches},
	[FIELD_MIGRATIONS] = {.fold = SUM, .value = migrations},
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

/* --- folding ---------------------------------------------------------------------------------- */

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

/*
 * No process waits longer than it lives. If a task is woken before it has left its run queue, Linux
 * 6.18 adds the time since its last wait, or since boot (delayacct_blkio_end() without
 * delayacct_blkio_start()).
 */
static bool is_impossible(const struct process *process, uint32_t field, uint64_t now_ns)
{
	const uint64_t end_ns = process->is_complete ? process->end_ns : now_ns;
	const uint64_t lived_ns = end_ns > process->id.start_ns ? end_ns - process->id.start_ns : 0;

	return field == TASK_BLOCK_WAIT &&
	       process->sum->fields[field] > lived_ns * process->threads_n;
}

struct life_value field_value(const struct process *process, uint32_t field, uint64_t now_ns)
{
	const struct field *known = &process_fields[field];
	struct life_value value = {.type = VALUE_U64};

	if (field < TASK_FIELDS_N && (process->sum->fields[field] == TASK_FIELD_NONE ||
	                              is_impossible(process, field, now_ns)))
		return (struct life_value){.type = VALUE_NONE};
	value.u64 = known->value ? known->value(process, now_ns) : process->sum->fields[field];
	/* A peak that is the agent's is more than the process's own, by how much is not known. */
	if (known == &process_fields[TASK_PEAK_RSS] && value.u64 <= process->shared_rss)
		value.estimated = (double)value.u64;
	/* A process that was never counted has no value, not 0. */
	if (!value.u64 && process->is_hidden && process->born_hidden)
		value.type = VALUE_NONE;
	return value;
}

bool field_is_asked_for(uint32_t field)
{
	return field < TASK_FIELDS_N;
}

/* --- what this kernel keeps ------------------------------------------------------------------- */

bool field_is_missing(uint32_t field, const char *proc, const char **why, const char **remedy)
{
	char text[2];

	*remedy = NULL;
	switch (field) {
	case TASK_RUNQUEUE_WAIT:
		*why = "this kernel is built without CONFIG_SCHED_INFO";
		return !text_file_exists(proc, "self/schedstat");
	case TASK_READ_BYTES:
	case TASK_WRITE_BYTES:
	case TASK_READ_CHARS:
	case TASK_WRITE_CHARS:
		*why = "this kernel is built without CONFIG_TASK_IO_ACCOUNTING";
		return !text_file_exists(proc, "self/io");
	case TASK_BLOCK_WAIT:
		/*
		 * The setting exists since Linux 5.14; before, the kernel keeps delays by default.
		 */
		*why = "this kernel does not keep delays of tasks";
		*remedy = "switch it on: sysctl kernel.task_delayacct=1 (or boot with delayacct)";
		return !text_file_read(proc, "sys/kernel/task_delayacct", text, sizeof(text)) &&
		       *text == '0';
	default:
		return false;
	}
}
