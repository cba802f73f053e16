/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fails every allocation of a run of the pipeline with a CSV output once, the first, the second and
 * so on: each must come back as an error, with nothing leaked and the file whole.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "core/metric_registry.h"
#include "core/pipeline.h"
#include "outputs/csv/csv.h"
#include "outputs/file/csv_scan.h"
#include "unit/failing_allocations.h"
#include "unit/output_support.h"

/* Adds each point once more, so that the pipeline has to grow during a flush. */
static int add_again(struct transform *transform, const struct point *points, size_t n,
                     struct pipeline *pipeline)
{
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++)
		result = pipeline_push(pipeline, &points[i]);
	return result;
}

static int push_points(struct pipeline *pipeline, struct metric_registry *registry)
{
	static char text[50000];
	struct attribute attributes[] = {{"b", "1", 1}, {"a", text, sizeof(text)}};
	int energy = metric_register(registry, "energy", &UNIT_JOULE, METRIC_DELTA);
	int count = metric_register(registry, "count", &UNIT_NONE, METRIC_CUMULATIVE);
	int result = energy < 0 || count < 0 ? -ENOMEM : 0;

	memset(text, ';', sizeof(text));
	for (uint64_t i = 0; i < 6000 && result == 0; i++) {
		struct point point = {.metric = (uint32_t)(i % 2 ? energy : count), .time_ns = i};

		if (i % 1000 == 0) {
			point.attributes = attributes;
			point.n_attributes = 2;
		}
		result = pipeline_push(pipeline, &point);
	}
	return result < 0 ? result : pipeline_flush(pipeline);
}

static int run(struct csv_settings *settings)
{
	static const struct transform_ops ops = {.apply = add_again};
	struct transform transform = {.ops = &ops};
	struct metric_registry *registry = metric_registry_new();
	const struct output_context context = {.metrics = registry};
	struct pipeline *pipeline = pipeline_new(NULL);
	struct output *output = NULL;
	int result = registry && pipeline ? 0 : -ENOMEM;

	if (result == 0)
		result = metric_announce_attribute(registry, "b");
	if (result == 0)
		result = csv_output.open(settings, &context, &output);
	if (result == 0)
		result = csv_output.begin(output, NULL);
	if (result == 0)
		result = pipeline_add_transform(pipeline, &transform);
	if (result == 0)
		result = pipeline_add_output(pipeline, output);
	if (result == 0)
		result = push_points(pipeline, registry);
	if (result == 0)
		result = csv_output.end(output, NULL);
	if (output)
		csv_output.close(output);
	pipeline_free(pipeline);
	metric_registry_free(registry);
	return result;
}

static void assert_whole(const char *path)
{
	size_t n;
	char *data = read_file(path, &n);

	if (data)
		assert_int_equal(csv_whole_rows(data, n), n);
	free(data);
}

static void survives_the_failure_of_each_allocation(void **state)
{
	struct folder folder;
	struct csv_settings settings = {
		.append_unit_to_metric_name = true,
		.use_unit_display_name = true,
		.csv_delimiter = ";",
		.csv_late_delimiter = ",",
		.attributes_as_columns = true,
	};
	char path[128];
	int result = -1;

	folder_make(&folder);
	strcpy(path, folder_path(&folder, "out.csv"));
	settings.output_path = path;
	for (long failing = 0; result != 0; failing++) {
		struct capture capture;
		char *said;

		assert_in_range(failing, 0, 1000);
		capture_begin(&capture);
		allocations_begin(failing);
		result = run(&settings);
		allocations_end();
		said = capture_end(&capture);
		if (failing < allocations.n)
			assert_int_equal(result, -ENOMEM);
		else
			assert_string_equal(said, "");
		free(said);
		assert_int_equal(allocations.alive, 0);
		assert_whole(path);
		unlink(path);
	}
	folder_remove(&folder);
	if (!allocations_are_ours())
		skip();
	assert_true(allocations.n > 20); /* in the run without a failure: what could fail */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survives_the_failure_of_each_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
