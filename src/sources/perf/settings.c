/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/settings.h"

#include <stddef.h>

static const char *const values_choices[] = {"cumulative", "delta", NULL};
static const char *const naming_choices[] = {"classic", "flat", NULL};

#define FIELD(name) offsetof(struct perf_settings, name)

const struct setting perf_setting_table[] = {
	{"poll_interval", SETTING_DURATION, FIELD(poll_interval_ns), "\"1s\"", NULL,
         "How often a living process gets its rows. A process that ends has its last row anyway."},
	{"flush_interval", SETTING_DURATION, FIELD(flush_interval_ns), "\"5s\"", NULL,
         "Rows are written at least this often."},
	{"events", SETTING_LIST, FIELD(events), NULL, NULL,
         "What to count: \"INSTRUCTIONS\", \"cycles:uk\", \"msr/tsc/\", \"{cycles,instructions}\",\n"
         "{ event = \"LL_READ_MISS\", rename = \"llc_miss\" }, … Without any list:\n"
         "REF_CPU_CYCLES, CACHE_MISSES, BRANCH_MISSES and LL_READ_MISS, where the machine can."},
	{"hardware_events", SETTING_LIST, FIELD(hardware_events), NULL, NULL,
         "Alumet v0.9's way: three lists instead of one."},
	{"software_events", SETTING_LIST, FIELD(software_events), NULL, NULL, ""},
	{"cache_events", SETTING_LIST, FIELD(cache_events), NULL, NULL, ""},
	{"values", SETTING_CHOICE, FIELD(values), "\"cumulative\"", values_choices,
         "\"cumulative\": since the process started; \"delta\": since the row before."},
	{"naming", SETTING_CHOICE, FIELD(naming), "\"classic\"", naming_choices,
         "\"classic\": perf_hardware_CPU_CYCLES; \"flat\": perf_cpu_cycles."},
	{"process_info", SETTING_BOOL, FIELD(process_info), "true", NULL,
         "Rows that name the processes: parent, command, path, arguments."},
	{"per_pmu", SETTING_BOOL, FIELD(per_pmu), "false", NULL,
         "On CPUs with several kinds of cores: a row for each kind (attribute pmu), not their sum."},
	{"multiplexing_auto_scale", SETTING_BOOL, FIELD(multiplexing_auto_scale), "true", NULL,
         "More events than the CPU has counters take turns: scale each up to the whole time."},
	{"max_tasks", SETTING_UINT, FIELD(max_tasks), "0", NULL,
         "Threads alive at once that can be followed; 0: 16384, or 512 for each CPU if that is more."},
	{"ring_size", SETTING_SIZE, FIELD(ring_size), "\"auto\"", NULL,
         "Buffer between kernel and agent, a power of two; \"auto\": 512KiB, or 64KiB for each CPU."},
	{"add_source_in_pause_state", SETTING_IGNORED, 0, NULL, NULL, "Alumet's; without effect."},
	{0},
};
