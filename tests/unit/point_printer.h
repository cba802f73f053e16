/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An output for tests that prints points into a text, and remembers what the last one was about. */
#ifndef TESTS_UNIT_POINT_PRINTER_H
#define TESTS_UNIT_POINT_PRINTER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "alumet/metric.h"
#include "alumet/output.h"
#include "alumet/point.h"

/* "metric=value{key=text,…}\n" for each point, in the order of its attributes. */
struct printer {
	struct output output;
	struct metric_registry *metrics;
	char text[4096];
	size_t length;
	uint64_t last_time_ns;
	uint32_t last_consumer, last_life;
	bool all_of_process; /* of the machine, for a process */
};

__attribute__((format(printf, 2, 3))) static void print(struct printer *printer, const char *format,
                                                        ...)
{
	va_list arguments;

	va_start(arguments, format);
	printer->length +=
		(size_t)vsnprintf(printer->text + printer->length,
	                          sizeof(printer->text) - printer->length, format, arguments);
	va_end(arguments);
	assert_true(printer->length < sizeof(printer->text));
}

static int print_points(struct output *output, const struct point *points, size_t n)
{
	struct printer *printer = (struct printer *)output;

	for (size_t i = 0; i < n; i++) {
		const struct point *point = &points[i];

		print(printer, "%s=", metric_get(printer->metrics, point->metric)->name);
		if (point->type == VALUE_U64)
			print(printer, "%llu", (unsigned long long)point->value.u64);
		for (size_t j = 0; j < point->n_attributes; j++)
			print(printer, "%s%s=%.*s", j ? "," : "{", point->attributes[j].key,
			      (int)point->attributes[j].length, point->attributes[j].text);
		print(printer, "%s\n", point->n_attributes ? "}" : "");
		printer->last_time_ns = point->time_ns;
		printer->last_consumer = point->consumer_id;
		printer->last_life = point->consumer_life;
		printer->all_of_process &= point->consumer_kind == CONSUMER_PROCESS &&
		                           point->resource_kind == RESOURCE_LOCAL_MACHINE;
	}
	return 0;
}

static inline void printer_init(struct printer *printer, struct metric_registry *metrics)
{
	static const struct output_ops ops = {.write = print_points};

	*printer = (struct printer){.output = {&ops}, .metrics = metrics, .all_of_process = true};
}

/* What was printed since the last time. */
static inline void assert_printed_by(struct printer *printer, const char *expected)
{
	assert_string_equal(printer->text, expected);
	printer->length = 0;
	printer->text[0] = '\0';
}

#endif
