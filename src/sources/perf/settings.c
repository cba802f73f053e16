/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/settings.h"

#include <stddef.h>
#include <unistd.h>

#include "core/setting_list.h"
#include "sources/perf/events/alias.h"
#include "sources/perf/events/event.h"
#include "sources/perf/profile/profile_event.h"
#include "sources/perf/ranks.h"

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

/* The events of -e replace all that are configured, in all lists. */
static int take_events(void *settings, const char *text)
{
	struct perf_settings *perf = settings;

	setting_list_clear(&perf->events);
	setting_list_clear(&perf->hardware_events);
	setting_list_clear(&perf->software_events);
	setting_list_clear(&perf->cache_events);
	return events_split(text, &perf->events);
}

struct name_visitor {
	void (*visit)(void *data, const char *name);
	void *data;
};

static int visit_names(void *data, const struct alias *alias, const char *const *perf_names)
{
	const struct name_visitor *visitor = data;

	visitor->visit(visitor->data, alias->name);
	for (; *perf_names; perf_names++)
		visitor->visit(visitor->data, *perf_names);
	return 0;
}

static void each_event(void (*visit)(void *data, const char *name), void *data)
{
	struct name_visitor visitor = {visit, data};

	alias_each(visit_names, &visitor);
}

static const char *const values_choices[] = {"cumulative", "delta", NULL};
static const char *const ranks_choices[] = {"auto", "on", "off", NULL};
static const char *const naming_choices[] = {"classic", "flat", NULL};
static const struct setting_values events_values = {.take_text = take_events,
                                                    .each_name = each_event};
static const struct setting_values values_values = {.choices = values_choices};
static const struct setting_values naming_values = {.choices = naming_choices};
static const struct setting_values max_tasks_values = {.problem = tasks_problem};
static const struct setting_values profile_values = {.problem = profile_event_problem};
static const struct setting_values ranks_values = {.choices = ranks_choices};
static const struct setting_values rank_variables_values = {.problem = ranks_names_problem};
static const struct setting_values ring_size_values = {.problem = ring_problem};

#define FIELD(name) offsetof(struct perf_settings, name)

const struct setting perf_setting_table[] = {
	{"poll_interval", SETTING_DURATION, FIELD(poll_interval_ns), "\"1s\"", NULL,
         "How often a living process gets its rows. A process that ends always gets its last row."},
	{"flush_interval", SETTING_DURATION, FIELD(flush_interval_ns), "\"5s\"", NULL,
         "Rows are written at least this often."},
	{"events", SETTING_LIST, FIELD(events), NULL, &events_values,
         "Events to count: \"INSTRUCTIONS\", \"cycles:uk\", \"msr/tsc/\", "
         "\"{cycles,instructions}\", { event = \"LL_READ_MISS\", rename = \"llc_miss\" } and "
         "others. Default: REF_CPU_CYCLES, CACHE_MISSES, BRANCH_MISSES and LL_READ_MISS, if the "
         "machine has them."},
	{"hardware_events", SETTING_LIST, FIELD(hardware_events), NULL, NULL,
         "Alumet 0.9's three lists, instead of events."},
	{"software_events", SETTING_LIST, FIELD(software_events), NULL, NULL, ""},
	{"cache_events", SETTING_LIST, FIELD(cache_events), NULL, NULL, ""},
	{"values", SETTING_CHOICE, FIELD(values), "\"cumulative\"", &values_values,
         "\"cumulative\": since the start of the process; \"delta\": since the previous row."},
	{"naming", SETTING_CHOICE, FIELD(naming), "\"classic\"", &naming_values,
         "\"classic\": perf_hardware_CPU_CYCLES; \"flat\": perf_cpu_cycles."},
	{"process_info", SETTING_BOOL, FIELD(process_info), "true", NULL,
         "Rows with the name of a process: parent, command, path, arguments."},
	{"process_exit", SETTING_BOOL, FIELD(process_exit), "true", NULL,
         "A row at the end of a process, or of the run: exit status, peak memory, waiting."},
	{"process_ids", SETTING_BOOL, FIELD(process_ids), "false", NULL,
         "All rows of processes have the attribute life (1 for the first process with its pid, 2 "
         "for the next), not only those of the second and later processes with a pid."},
	{"per_pmu", SETTING_BOOL, FIELD(per_pmu), "false", NULL,
         "On CPUs with several types of cores: a row for each type (attribute pmu) instead of "
         "their sum."},
	{"multiplexing_auto_scale", SETTING_BOOL, FIELD(multiplexing_auto_scale), "true", NULL,
         "If there are more events than counters, the kernel multiplexes them: scale counts to "
         "the whole time."},
	{"max_tasks", SETTING_UINT, FIELD(max_tasks), "0", &max_tasks_values,
         "Living threads at most; 0: 16384, or 512 for each CPU if that is more."},
	{"ring_size", SETTING_SIZE, FIELD(ring_size), "\"auto\"", &ring_size_values,
         "Buffer between kernel and agent, a power of two; \"auto\": 512KiB, or 64KiB for each "
         "CPU."},
	{"profile", SETTING_STRING, FIELD(profile), "\"\"", &profile_values,
         "Sample where the processes spend their time: \"99\" times a second, or by an event: "
         "\"page-faults\", \"instructions@1000000\" (once in so many). \"\": no samples. Same as "
         "--profile."},
	{"ranks", SETTING_CHOICE, FIELD(ranks), "\"auto\"", &ranks_values,
         "Tell the ranks of a parallel job apart, by the attribute rank: \"on\", \"off\", or "
         "\"auto\": if the command is a launcher such as mpirun or orted."},
	{"rank_variables", SETTING_LIST, FIELD(rank_variables), NULL, &rank_variables_values,
         "Environment variables with the rank, in order of preference. Default: "
         "OMPI_COMM_WORLD_RANK, PMIX_RANK, PMI_RANK, SLURM_PROCID."},
	{"add_source_in_pause_state", SETTING_IGNORED, 0, NULL, NULL, "Alumet's; without effect."},
	{0},
};
