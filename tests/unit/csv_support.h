/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The CSV output in a folder of the test, with one metric, and the row of its one point. */
#ifndef TESTS_UNIT_CSV_SUPPORT_H
#define TESTS_UNIT_CSV_SUPPORT_H

#include "core/metric_registry.h"
#include "outputs/csv/csv.h"
#include "unit/output_support.h"

#define HEADER                                                                                     \
	"metric;timestamp;value;resource_kind;resource_id;consumer_kind;consumer_id;"              \
	"__late_attributes\n"
#define ROW "count;1970-01-01T00:00:00.000000001Z;7;local_machine;;local_machine;;\n"

struct fixture {
	struct folder folder;
	char path[128];
	struct metric_registry *registry;
	struct output_context context;
	struct csv_settings settings;
	uint32_t count;
};

static inline int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	folder_make(&f->folder);
	strcpy(f->path, folder_path(&f->folder, "out.csv"));
	f->registry = metric_registry_new();
	f->context.metrics = f->registry;
	f->count = (uint32_t)metric_register(f->registry, "count", &UNIT_NONE, METRIC_CUMULATIVE);
	f->settings = (struct csv_settings){
		.output_path = f->path,
		.force_flush = true,
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

	folder_remove(&f->folder);
	metric_registry_free(f->registry);
	free(f);
	return 0;
}

static inline struct output *open_output(struct fixture *f)
{
	struct output *output = NULL;

	assert_int_equal(csv_output.open(&f->settings, &f->context, &output), 0);
	return output;
}

static inline int write_row(struct fixture *f, struct output *output)
{
	struct point point = {.metric = f->count, .time_ns = 1, .type = VALUE_U64, .value.u64 = 7};

	return csv_output.write(output, &point, 1);
}

static inline void run(struct fixture *f)
{
	struct output *output = open_output(f);

	assert_int_equal(csv_output.begin(output, NULL), 0);
	assert_int_equal(write_row(f, output), 0);
	assert_int_equal(csv_output.end(output, NULL), 0);
	csv_output.close(output);
}

static inline void assert_open_refused(struct fixture *f, int error, const char *words)
{
	struct output *output = NULL;
	struct capture capture;

	capture_begin(&capture);
	assert_int_equal(csv_output.open(&f->settings, &f->context, &output), -error);
	capture_end_expecting(&capture, words);
	assert_null(output);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, make, unmake)

#endif
