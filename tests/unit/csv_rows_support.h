/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows of CSV made in memory, of two metrics and any settings. */
#ifndef TESTS_UNIT_CSV_ROWS_SUPPORT_H
#define TESTS_UNIT_CSV_ROWS_SUPPORT_H

#include "core/metric_registry.h"
#include "outputs/csv/csv_rows.h"
#include "unit/output_support.h"

struct fixture {
	struct metric_registry *registry;
	struct csv_settings settings;
	uint32_t energy, count;
};

static inline int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->registry = metric_registry_new();
	f->energy = (uint32_t)metric_register(f->registry, "rapl_consumed_energy", &UNIT_JOULE,
	                                      METRIC_DELTA);
	f->count =
		(uint32_t)metric_register(f->registry, "perf_count", &UNIT_NONE, METRIC_CUMULATIVE);
	f->settings = (struct csv_settings){
		.append_unit_to_metric_name = true,
		.use_unit_display_name = true,
		.csv_delimiter = ";",
		.csv_late_delimiter = ",",
	};
	*state = f;
	return 0;
}

static inline int unmake(void **state)
{
	struct fixture *f = *state;

	metric_registry_free(f->registry);
	free(f);
	return 0;
}

static inline struct attribute attribute(const char *key, const char *text)
{
	return (struct attribute){key, text, strlen(text)};
}

/* The rows of the points, NUL-terminated, to be freed. */
static inline char *rows_of(struct fixture *f, const struct point *points, size_t n, size_t *length)
{
	struct text out = {.data = NULL};
	struct csv_rows rows;

	assert_int_equal(csv_rows_init(&rows, &f->settings, f->registry), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(csv_rows_add(&rows, &out, &points[i]), 0);
	csv_rows_fini(&rows);
	if (length)
		*length = out.n;
	text_add_char(&out, '\0');
	return out.data;
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, make, unmake)

#endif
