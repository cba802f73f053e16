/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A table of plugins for tests of the configuration: perf's real settings, and plugins that have
 * the keys of rapl and csv, but measure and write nothing.
 */
#ifndef TESTS_UNIT_CONFIG_SUPPORT_H
#define TESTS_UNIT_CONFIG_SUPPORT_H

#include "alumet/plugin.h"
#include "sources/perf/settings.h"

struct test_rapl {
	uint64_t poll_interval_ns;
	uint64_t flush_interval_ns;
	bool no_perf_events;
	int backend;
	char *sysroot;
	struct setting_list zones; /* a list with a default, which no real plugin has yet */
};

struct test_csv {
	char *output_path;
	bool force_flush;
	bool append_unit_to_metric_name;
	bool use_unit_display_name;
	char *csv_delimiter;
};

static const char *const test_backends[] = {"auto", "perf", "powercap", "msr", NULL};
static const struct setting_values test_backend_values = {.choices = test_backends};

#define FIELD_OF(type, name) offsetof(struct type, name)

static const struct setting test_rapl_table[] = {
	{"poll_interval", SETTING_DURATION, FIELD_OF(test_rapl, poll_interval_ns), "\"1s\"", NULL,
         "p"},
	{"flush_interval", SETTING_DURATION, FIELD_OF(test_rapl, flush_interval_ns), "\"5s\"", NULL,
         "f"},
	{"no_perf_events", SETTING_BOOL, FIELD_OF(test_rapl, no_perf_events), "false", NULL, "n"},
	{"backend", SETTING_CHOICE, FIELD_OF(test_rapl, backend), "\"auto\"", &test_backend_values,
         "b"},
	{"sysroot", SETTING_STRING, FIELD_OF(test_rapl, sysroot), "\"/\"", NULL, "two\nlines"},
	{"zones", SETTING_LIST, FIELD_OF(test_rapl, zones), "[\"x\", \"y\"]", NULL, "z"},
	{0},
};

static const struct setting test_csv_table[] = {
	{"output_path", SETTING_STRING, FIELD_OF(test_csv, output_path), "\"alumet-output.csv\"",
         NULL, "o"},
	{"force_flush", SETTING_BOOL, FIELD_OF(test_csv, force_flush), "true", NULL, NULL},
	{"append_unit_to_metric_name", SETTING_BOOL, FIELD_OF(test_csv, append_unit_to_metric_name),
         "true", NULL, "a"},
	{"use_unit_display_name", SETTING_BOOL, FIELD_OF(test_csv, use_unit_display_name), "true",
         NULL, "u"},
	{"csv_delimiter", SETTING_STRING, FIELD_OF(test_csv, csv_delimiter), "\";\"", NULL, "d"},
	{0},
};

#define TEST_PLUGINS 3

static const struct plugin test_plugin_table[TEST_PLUGINS] = {
	{.kind = PLUGIN_SOURCE,
         .name = "perf",
         .help = "counters",
         .role = "-e",
         .settings = perf_setting_table,
         .settings_size = sizeof(struct perf_settings)},
	{.kind = PLUGIN_SOURCE,
         .name = "rapl",
         .help = "energy",
         .settings = test_rapl_table,
         .settings_size = sizeof(struct test_rapl)},
	{.kind = PLUGIN_OUTPUT,
         .name = "csv",
         .help = "rows",
         .role = "-o",
         .settings = test_csv_table,
         .settings_size = sizeof(struct test_csv)},
};

static const struct plugin *const test_plugins[TEST_PLUGINS] = {
	&test_plugin_table[0],
	&test_plugin_table[1],
	&test_plugin_table[2],
};

#endif
