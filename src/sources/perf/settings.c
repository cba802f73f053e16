/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/settings.h"

#include <stddef.h>
#include <unistd.h>

#include "core/setting_list.h"
#include "sources/perf/events/event.h"

#define RING_MAX (1ULL << 30)

/* The most threads that Linux can have: PID_MAX_LIMIT of its include/linux/threads.h. */
#define TASKS_MAX (1ULL << 22)

static const char *tasks_problem(const void *field)
{
	return *(const uint64_t *)field > TASKS_MAX
	               ? "it can be at most 4194304, the most threads that Linux can have"
	               : NULL;
}

/* What BPF_MAP_TYPE_RINGBUF wants; 0 is "auto". */
static const char *ring_problem(const void *field)
{
	const uint64_t ring = *(const uint64_t *)field;

	if (ring &&
	    (ring & (ring - 1) || ring < (uint64_t)sysconf(_SC_PAGESIZE) || ring > RING_MAX))
		return "it must be a power of two, from the size of a memory page (mostly 4KiB) "
		       "to 1GiB";
	return NULL;
}

/* The events of -e take the place of all that are configured, whatever list they stand in. */
static int take_events(void *settings, const char *text)
{
	struct perf_settings *perf = settings;

	setting_list_clear(&perf->events);
	setting_list_clear(&perf->hardware_events);
	setting_list_clear(&perf->software_events);
	setting_list_clear(&perf->cache_events);
	return events_split(text, &perf->events);
}

static const char *const values_choices[] = {"cumulative", "delta", NULL};
static const char *const naming_choices[] = {"classic", "flat", NULL};
static const struct setting_values events_values = {.take_text = take_events};
static const struct setting_values values_values = {.choices = values_choices};
static const struct setting_values naming_values = {.choices = naming_choices};
static const struct setting_values max_tasks_values = {.problem = tasks_problem};
static const struct setting_values ring_size_values = {.problem = ring_problem};

#define FIELD(name) offsetof(struct perf_settings, name)

const struct setting perf_setting_table[] = {
	{"poll_interval", SETTING_DURATION, FIELD(poll_interval_ns), "\"1s\"", NULL,
         "How often a living process gets its rows. A process that ends has its last row anyway."},
	{"flush_interval", SETTING_DURATION, FIELD(flush_interval_ns), "\"5s\"", NULL,
         "Rows are written at least this often."},
	{"events", SETTING_LIST, FIELD(events), NULL, &events_values,
         "What to count: \"INSTRUCTIONS\", \"cycles:uk\", \"msr/tsc/\",\n"
         "\"{cycles,instructions}\", { event = \"LL_READ_MISS\", rename = \"llc_miss\" } and\n"
         "others. Without any list: "
         "REF_CPU_CYCLES, CACHE_MISSES, BRANCH_MISSES and LL_READ_MISS, where the machine can."},
	{"hardware_events", SETTING_LIST, FIELD(hardware_events), NULL, NULL,
         "Alumet v0.9's way: three lists instead of one."},
	{"software_events", SETTING_LIST, FIELD(software_events), NULL, NULL, ""},
	{"cache_events", SETTING_LIST, FIELD(cache_events), NULL, NULL, ""},
	{"values", SETTING_CHOICE, FIELD(values), "\"cumulative\"", &values_values,
         "\"cumulative\": since the process started; \"delta\": since the row before."},
	{"naming", SETTING_CHOICE, FIELD(naming), "\"classic\"", &naming_values,
         "\"classic\": perf_hardware_CPU_CYCLES; \"flat\": perf_cpu_cycles."},
	{"process_info", SETTING_BOOL, FIELD(process_info), "true", NULL,
         "Rows that name the processes: parent, command, path, arguments."},
	{"process_exit", SETTING_BOOL, FIELD(process_exit), "true", NULL,
         "A row as a process ends: exit status, signal, peak memory, waiting."},
	{"process_ids", SETTING_BOOL, FIELD(process_ids), "false", NULL,
         "Rows of every process have the attribute life (1 for the first process with its pid, 2 for\n"
         "the next), not only those of a pid's second and later processes."},
	{"per_pmu", SETTING_BOOL, FIELD(per_pmu), "false", NULL,
         "On CPUs with several kinds of cores: a row for each kind (attribute pmu), not their sum."},
	{"multiplexing_auto_scale", SETTING_BOOL, FIELD(multiplexing_auto_scale), "true", NULL,
         "More events than the CPU has counters take turns: scale each up to the whole time."},
	{"max_tasks", SETTING_UINT, FIELD(max_tasks), "0", &max_tasks_values,
         "Threads alive at once that can be followed; 0: 16384, or 512 for each CPU if that is more."},
	{"ring_size", SETTING_SIZE, FIELD(ring_size), "\"auto\"", &ring_size_values,
         "Buffer between kernel and agent, a power of two; \"auto\": 512KiB, or 64KiB for each CPU."},
	{"add_source_in_pause_state", SETTING_IGNORED, 0, NULL, NULL, "Alumet's; without effect."},
	{0},
};
