/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/fields.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct known_field {
	const char *metric;
	const char *unit;
	bool is_max;
} known_fields[FIELD_EVENT] = {
	[FIELD_CPU_TIME] = {"process_cpu_time", "ns", false},
	[FIELD_USER_TIME] = {"process_user_time", "ns", false},
	[FIELD_SYSTEM_TIME] = {"process_system_time", "ns", false},
	[FIELD_RUNQUEUE_WAIT] = {"process_runqueue_wait", "ns", false},
	[FIELD_BLOCK_WAIT] = {"process_block_wait", "ns", false},
	[FIELD_WALL_TIME] = {"process_wall_time", "ns", false},
	[FIELD_PEAK_RSS] = {"process_peak_rss", "B", true},
	[FIELD_READ_BYTES] = {"process_read_bytes", "B", false},
	[FIELD_WRITE_BYTES] = {"process_write_bytes", "B", false},
	[FIELD_READ_CHARS] = {"process_read_chars", "B", false},
	[FIELD_WRITE_CHARS] = {"process_write_chars", "B", false},
	[FIELD_VOLUNTARY_SWITCHES] = {"process_voluntary_switches", "", false},
	[FIELD_INVOLUNTARY_SWITCHES] = {"process_involuntary_switches", "", false},
	[FIELD_ENERGY] = {"attributed_energy", "J", false},
};

/* Both spellings of the units in metrics of processes. */
static const struct {
	const char *suffix, *unit;
} units[] = {{"_ns", "ns"}, {"_B", "B"}, {"_By", "B"}, {"_J", "J"}};

/* The length of the name without its unit. *unit: the unit, or "". */
static size_t without_unit(const char *metric, const char **unit)
{
	const size_t n = strlen(metric);

	*unit = "";
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const size_t length = strlen(units[i].suffix);

		if (n > length && strcmp(metric + n - length, units[i].suffix) == 0) {
			*unit = units[i].unit;
			return n - length;
		}
	}
	return n;
}

static bool is_named(const char *metric, size_t n, const char *name)
{
	return strlen(name) == n && memcmp(metric, name, n) == 0;
}

enum metric_role metric_role(const char *metric)
{
	static const struct {
		const char *name;
		enum metric_role role;
	} roles[] = {
		{"process_info", METRIC_PROCESS_INFO},
		{"process_exit", METRIC_PROCESS_EXIT},
		{"process_alive", METRIC_PROCESS_ALIVE},
		{"run_info", METRIC_RUN_INFO},
		{"run_note", METRIC_RUN_NOTE},
		{"run_end", METRIC_RUN_END},
		{"rapl_consumed_energy", METRIC_CONSUMED_ENERGY},
		{"attributed_energy", METRIC_ATTRIBUTED_ENERGY},
		{"profile_frame", METRIC_PROFILE_FRAME},
		{"profile_samples", METRIC_PROFILE_SAMPLES},
	};
	const char *unit;
	const size_t n = without_unit(metric, &unit);

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (is_named(metric, n, roles[i].name))
			return roles[i].role;
	}
	return METRIC_VALUE;
}

/* "perf_software_PAGE_FAULTS" -> "page-faults". */
static char *event_name(const char *metric, size_t n)
{
	static const char *const prefixes[] = {"perf_hardware_", "perf_software_", "perf_cache_",
	                                       "perf_", "process_"};
	char *name;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		const size_t length = strlen(prefixes[i]);

		if (n > length && memcmp(metric, prefixes[i], length) == 0) {
			metric += length;
			n -= length;
			break;
		}
	}
	name = strndup(metric, n);
	for (char *c = name; c && *c; c++)
		*c = *c == '_' ? '-' : (char)tolower((unsigned char)*c);
	return name;
}

int field_describe(const char *metric, struct report_field *field)
{
	const char *unit;
	const size_t n = without_unit(metric, &unit);

	field->kind = FIELD_CPU_TIME;
	while (field->kind < FIELD_EVENT && !is_named(metric, n, known_fields[field->kind].metric))
		field->kind++;
	field->name = event_name(metric, n);
	if (!field->name)
		return -ENOMEM;
	if (field->kind < FIELD_EVENT) {
		unit = known_fields[field->kind].unit;
		field->is_max = known_fields[field->kind].is_max;
		field->is_difference = field->kind == FIELD_ENERGY;
	} else if (!*unit && (strcmp(field->name, "task-clock") == 0 ||
	                      strcmp(field->name, "cpu-clock") == 0)) {
		unit = "ns"; /* perf's unit: the metric's name has none */
	}
	field->unit = unit;
	return 0;
}

enum field_kind field_of_exit_attribute(const char *key, size_t n)
{
	static const size_t prefix = sizeof("process_") - 1;
	enum field_kind kind = FIELD_CPU_TIME;
	const char *unit;
	char text[64];

	if (n >= sizeof(text))
		return FIELD_EVENT;
	for (size_t i = 0; i < n; i++)
		text[i] = key[i] == '-' ? '_' : key[i];
	text[n] = '\0';
	n = without_unit(text, &unit);
	while (kind < FIELD_ENERGY && !is_named(text, n, known_fields[kind].metric + prefix))
		kind++;
	return kind < FIELD_ENERGY ? kind : FIELD_EVENT;
}

const char *field_metric(enum field_kind kind)
{
	return known_fields[kind].metric;
}
