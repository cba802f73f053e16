/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* [plugins.rapl] */
#include <stddef.h>

#include "sources/rapl/rapl.h"

static const char *const backend_names[] = {"auto", "perf", "powercap", "msr", NULL};
static const struct setting_values backend_values = {.choices = backend_names};

const struct setting rapl_settings_table[] = {
	{"poll_interval", SETTING_DURATION, offsetof(struct rapl_settings, poll_interval_ns),
         "\"1s\"", NULL, "The time between two readings of the energy counters."},
	{"flush_interval", SETTING_DURATION, offsetof(struct rapl_settings, flush_interval_ns),
         "\"5s\"", NULL, "Rows are written at least this often."},
	{"no_perf_events", SETTING_BOOL, offsetof(struct rapl_settings, no_perf_events), "false",
         NULL, "Never use the perf PMU, only powercap or MSR."},
	{"backend", SETTING_CHOICE, offsetof(struct rapl_settings, backend), "\"auto\"",
         &backend_values,
         "\"auto\": the first of \"perf\", \"powercap\" and \"msr\" that can be read. Otherwise "
         "only the named one."},
	{"sysroot", SETTING_STRING, offsetof(struct rapl_settings, sysroot), "\"/\"", NULL,
         "The directory below which sysfs, /proc/cpuinfo and /dev/cpu are read."},
	{"per_die", SETTING_BOOL, offsetof(struct rapl_settings, per_die), "false", NULL,
         "A row for each die of a package, with a die attribute, instead of their sum."},
	{"emit_totals", SETTING_BOOL, offsetof(struct rapl_settings, emit_totals), "false", NULL,
         "Also a row for each domain over all packages: package_total, dram_total and so on."},
	{0},
};
