/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The meter in a pipeline, with a played source: what it makes of a second. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "alumet/energy.h"
#include "calibrate/meter.h"
#include "core/metric_registry.h"
#include "core/pipeline.h"
#include "unit/rapl_root.h"

#define PER_JOULE 16384.0
#define SECOND 1000000000ULL

/* Two packages, a CPU each. */
struct machine {
	struct root root;
	struct metric_registry *metrics;
	struct pipeline *pipeline;
	struct meter meter;
	uint32_t counts, scale;
	uint64_t now_ns;
};

static int set_up(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));

	*state = m;
	root_make(&m->root);
	root_write(&m->root, "sys/devices/system/cpu/possible", "0-1\n");
	root_cpu(&m->root, 0, 0, 0, "0");
	root_cpu(&m->root, 1, 1, 0, "1");
	root_write(&m->root, "proc/stat", "cpu  10 0 0 100 0 0 0 0 0 0\ncpu0 5 0 0 50\n");
	m->metrics = metric_registry_new();
	m->pipeline = pipeline_new(m->metrics);
	m->counts = (uint32_t)metric_register_internal(m->metrics, METRIC_ENERGY_COUNTS, &UNIT_NONE,
	                                               METRIC_DELTA);
	m->scale = (uint32_t)metric_register_internal(m->metrics, METRIC_COUNTS_PER_JOULE,
	                                              &UNIT_NONE, METRIC_GAUGE);
	assert_int_equal(meter_init(&m->meter, m->root.path, m->metrics), 0);
	assert_int_equal(pipeline_add_transform(m->pipeline, &m->meter.transform), 0);
	assert_int_equal(pipeline_window_ns(m->pipeline), SECOND);
	assert_int_equal(pipeline_begin(m->pipeline), 0);
	return 0;
}

static int tear_down(void **state)
{
	struct machine *m = *state;

	meter_fini(&m->meter);
	pipeline_free(m->pipeline);
	metric_registry_free(m->metrics);
	root_remove(&m->root);
	free(m);
	return 0;
}

/* A counter moves by so many joules; its scale goes with it. */
static void push(struct machine *m, const char *domain, const char *die, enum resource_kind kind,
                 uint32_t id, double joules)
{
	const struct attribute attributes[2] = {
		{.key = "domain", .text = domain, .length = strlen(domain)},
		{.key = "die", .text = die, .length = die ? strlen(die) : 0},
	};
	struct point point = {
		.metric = m->counts,
		.time_ns = m->now_ns,
		.type = VALUE_U64,
		.value.u64 = (uint64_t)(joules * PER_JOULE),
		.resource_kind = kind,
		.resource_id = id,
		.consumer_kind = CONSUMER_LOCAL_MACHINE,
		.attributes = attributes,
		.n_attributes = die ? 2 : 1,
	};

	assert_int_equal(pipeline_push(m->pipeline, &point), 0);
	point.metric = m->scale;
	point.type = VALUE_F64;
	point.value.f64 = PER_JOULE;
	assert_int_equal(pipeline_push(m->pipeline, &point), 0);
}

static const struct calibration_piece *end_window(struct machine *m, uint64_t ns)
{
	const struct window window = {.begin_ns = m->now_ns, .end_ns = m->now_ns + ns};
	const size_t n = m->meter.n;

	m->now_ns += ns;
	assert_int_equal(pipeline_end_window(m->pipeline, &window), 0);
	assert_int_equal(m->meter.n, n + 1);
	return &m->meter.pieces[n];
}

static void assert_watts(const struct calibration_piece *piece, enum energy_domain domain,
                         int package, double watts)
{
	assert_true(fabs(piece->watts[domain][package] - watts) < 1e-3);
}

static void dies_and_cores_are_summed_and_graphics_taken_off(void **state)
{
	struct machine *m = *state;
	const struct calibration_piece *piece;

	push(m, "package", "0", RESOURCE_CPU_PACKAGE, 0, 10);
	push(m, "package", "1", RESOURCE_CPU_PACKAGE, 0, 14);
	push(m, "package", NULL, RESOURCE_CPU_PACKAGE, 1, 8);
	push(m, "pp1", NULL, RESOURCE_CPU_PACKAGE, 0, 4);
	push(m, "pp0", NULL, RESOURCE_CPU_CORE, 0, 3);
	push(m, "pp0", NULL, RESOURCE_CPU_CORE, 1, 5);
	push(m, "dram", NULL, RESOURCE_DRAM, 1, 1);
	push(m, "platform", NULL, RESOURCE_LOCAL_MACHINE, 0, 99);
	piece = end_window(m, 2 * SECOND);
	assert_watts(piece, ENERGY_PACKAGE, 0, (10 + 14 - 4) / 2.0);
	assert_watts(piece, ENERGY_PACKAGE, 1, 4);
	assert_watts(piece, ENERGY_PP0, 0, 1.5);
	assert_watts(piece, ENERGY_PP0, 1, 2.5);
	assert_watts(piece, ENERGY_DRAM, 1, 0.5);
	assert_true(piece->watts[ENERGY_DRAM][0] < 0);
}

static void each_second_has_its_own_watts(void **state)
{
	struct machine *m = *state;

	push(m, "package", NULL, RESOURCE_CPU_PACKAGE, 0, 10);
	assert_watts(end_window(m, SECOND), ENERGY_PACKAGE, 0, 10);
	push(m, "package", NULL, RESOURCE_CPU_PACKAGE, 0, 7);
	assert_watts(end_window(m, SECOND), ENERGY_PACKAGE, 0, 7);
}

static void how_busy_the_cpus_are(void **state)
{
	struct machine *m = *state;

	/* Of 200 ticks since the begin 150 were idle, 10 of them waiting for I/O. */
	root_write(&m->root, "proc/stat", "cpu  50 0 10 240 10 0 0 0 0 0\n");
	assert_true(fabs(end_window(m, SECOND)->busy - 0.25) < 1e-9);
	root_write(&m->root, "proc/stat", "cpu  50 0 10 440 10 0 0 0 0 0\n");
	assert_true(end_window(m, SECOND)->busy == 0);
}

static void a_busy_second_in_which_waiting_goes_back_is_busy(void **state)
{
	struct machine *m = *state;

	root_write(&m->root, "proc/stat", "cpu  10 0 0 200 10 0 0 0 0 0\n");
	end_window(m, SECOND);
	root_write(&m->root, "proc/stat", "cpu  210 0 0 200 8 0 0 0 0 0\n");
	assert_true(end_window(m, SECOND)->busy > 0.99);
}

static void a_stat_of_another_format_ends_it(void **state)
{
	struct machine *m = *state;
	const struct window window = {.begin_ns = 0, .end_ns = SECOND};

	push(m, "package", NULL, RESOURCE_CPU_PACKAGE, 0, 10);
	root_write(&m->root, "proc/stat", "intr 1 2 3\n");
	assert_int_equal(pipeline_end_window(m->pipeline, &window), -EBADMSG);
	assert_int_equal(m->meter.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(dies_and_cores_are_summed_and_graphics_taken_off,
	                                        set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_second_has_its_own_watts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(how_busy_the_cpus_are, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_busy_second_in_which_waiting_goes_back_is_busy,
	                                        set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_stat_of_another_format_ends_it, set_up,
	                                        tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
