/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the value by which a report sorts, or weighs stacks. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/log.h"
#include "core/text.h"
#include "report/formats.h"

/* Short names, accepted in addition to those of -e, and the name of CPU time from any clock. */
static const struct {
	const char *name;
	enum field_kind kind;
} short_names[] = {
	{"cpu", FIELD_CPU_TIME},
	{"energy", FIELD_ENERGY},
	{"rss", FIELD_PEAK_RSS},
	{"cpu-time", FIELD_CPU_TIME},
	{"attributed-energy", FIELD_ENERGY},
};

static int field_named(const struct report_data *data, const char *name)
{
	for (size_t i = 0; i < sizeof(short_names) / sizeof(short_names[0]); i++) {
		if (strcasecmp(name, short_names[i].name) == 0)
			return report_field_of(data, short_names[i].kind);
	}
	for (size_t i = 0; i < data->n_fields; i++) {
		if (strcasecmp(name, data->fields[i].name) == 0 ||
		    strcmp(name, data->fields[i].metric->bytes) == 0)
			return (int)i;
	}
	return -1;
}

/* The name of the field for --by, the same as in exec. */
static const char *short_name(const struct report_field *field)
{
	for (size_t i = 0; i < sizeof(short_names) / sizeof(short_names[0]); i++) {
		if (short_names[i].kind == field->kind)
			return short_names[i].name;
	}
	return field->name;
}

static int refuse(const struct report_data *data, const char *name)
{
	struct text known = {.n = 0};

	text_add_string(&known, "wall");
	for (size_t i = 0; i < data->n_fields; i++) {
		text_add_string(&known, ", ");
		text_add_string(&known, short_name(&data->fields[i]));
	}
	log_error("--by %s: the processes of these files have no such value\nthey have: %.*s", name,
	          (int)known.n, known.data ? known.data : "");
	text_fini(&known);
	return -EINVAL;
}

int report_measure_find(const struct report_data *data, const char *name,
                        struct report_measure *measure)
{
	int field;

	*measure = (struct report_measure){"wall", "ns", -1};
	field = name ? field_named(data, name) : report_field_of(data, FIELD_CPU_TIME);
	if (field >= 0)
		*measure = (struct report_measure){data->fields[field].name,
		                                   data->fields[field].unit, field};
	else if (name && strcasecmp(name, "wall") != 0)
		return refuse(data, name);
	return 0;
}

double report_measure_of(const struct report_data *data, size_t process, int field)
{
	const struct report_process *p = &data->processes[process];

	return field < 0 ? (double)(p->end_ns - p->begin_ns) : report_value(data, process, field);
}
