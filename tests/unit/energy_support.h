/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The transform between a source that is played and an output that adds up. */
#ifndef TESTS_UNIT_ENERGY_SUPPORT_H
#define TESTS_UNIT_ENERGY_SUPPORT_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "alumet/energy.h"
#include "core/metric_registry.h"
#include "core/pipeline.h"
#include "transforms/energy/energy.h"
#include "unit/rapl_root.h"

#define PER_JOULE 16384.0
#define MS 1000000ULL
#define PIDS 20

/* Its pid had a life before. */
#define SECOND_LIFE 19

/* Everything of one run. */
struct run {
	struct root root;
	struct energy_settings settings;
	struct metric_registry *metrics;
	struct pipeline *pipeline;
	struct transform_context context;
	struct transform *transform;
	struct output output;
	const char *domain; /* of the energy that is pushed */
	uint32_t counts, scale, rows, process_weight, cpu_weight, cpu_busy;
	uint32_t process_misses, cpu_misses;
	uint64_t now_ns;
	uint64_t n_prolonged; /* of the windows that follow */
	uint64_t pushed;      /* counts of the package */
	/* As the output has them, in counts. */
	uint64_t of_processes[PIDS], other, idle, graphics;
	uint64_t of_dram[PIDS];
	double life_joules[PIDS];
	uint32_t last_life; /* of the last row of a process */
};

static struct run *run;

static inline uint64_t counts_of(double joules)
{
	const double counts = joules * PER_JOULE;

	assert_true(counts >= 0);
	assert_true(fabs(counts - round(counts)) < 1e-6);
	return (uint64_t)round(counts);
}

static inline bool has_text(const struct point *point, const char *key, const char *text)
{
	for (size_t i = 0; i < point->n_attributes; i++) {
		if (strcmp(point->attributes[i].key, key) == 0)
			return point->attributes[i].length == strlen(text) &&
			       strncmp(point->attributes[i].text, text, strlen(text)) == 0;
	}
	return false;
}

static inline void take_process(const struct point *point, uint64_t counts)
{
	run->of_processes[point->consumer_id] += counts;
	run->last_life = point->consumer_life;
}

static inline int take(struct output *output, const struct point *points, size_t n)
{
	const int metric = metric_find(run->metrics, "attributed_energy");

	for (size_t i = 0; i < n; i++) {
		const uint64_t counts =
			(int)points[i].metric == metric ? counts_of(points[i].value.f64) : 0;

		if ((int)points[i].metric == metric && has_text(&points[i], "domain", "dram"))
			run->of_dram[points[i].consumer_id] += counts;
		if ((int)points[i].metric != metric || !has_text(&points[i], "domain", "package"))
			continue;
		if (points[i].consumer_kind == CONSUMER_PROCESS)
			take_process(&points[i], counts);
		else if (has_text(&points[i], "part", "idle"))
			run->idle += counts;
		else if (has_text(&points[i], "part", "graphics"))
			run->graphics += counts;
		else
			run->other += counts;
	}
	return 0;
}

static inline int take_life(struct output *output, const struct life *life)
{
	const struct life_schema *schema = pipeline_life_schema(run->pipeline);
	const int field = life_field_index(schema, "attributed-energy");

	run->life_joules[life->key.pid] = life->values[field].f64;
	return 0;
}

static const struct output_ops output_ops = {.write = take, .life = take_life};

static inline void push(uint32_t metric, enum resource_kind kind, uint32_t resource, uint32_t pid,
                        uint64_t value)
{
	const struct attribute domain = {"domain", run->domain, strlen(run->domain)};
	const struct point point = {
		.metric = metric,
		.time_ns = run->now_ns,
		.type = VALUE_U64,
		.value.u64 = value,
		.resource_kind = kind,
		.resource_id = resource,
		.consumer_kind = pid ? CONSUMER_PROCESS : CONSUMER_LOCAL_MACHINE,
		.consumer_id = pid,
		.consumer_start_ns = pid,
		.consumer_life = pid == SECOND_LIFE ? 2 : 0,
		.n_attributes = metric == run->counts,
		.attributes = &domain,
	};

	assert_int_equal(pipeline_push(run->pipeline, &point), 0);
}

static inline void push_energy(uint64_t counts)
{
	push(run->counts, RESOURCE_CPU_PACKAGE, 0, 0, counts);
	run->pushed += counts;
}

static inline void push_weight(uint32_t pid, uint64_t weight)
{
	push(run->process_weight, RESOURCE_CPU_PACKAGE, 0, pid, weight);
}

static inline void push_cpu(uint64_t weight, uint64_t busy_ns)
{
	push(run->cpu_weight, RESOURCE_CPU_CORE, 0, 0, weight);
	push(run->cpu_busy, RESOURCE_CPU_CORE, 0, 0, busy_ns);
}

static inline void end_window(uint64_t ns, bool with_rows)
{
	const struct window window = {
		.begin_ns = run->now_ns,
		.end_ns = run->now_ns + ns,
		.n_prolonged = run->n_prolonged,
	};

	if (with_rows)
		push(run->rows, RESOURCE_CPU_PACKAGE, 0, 0, 0);
	run->now_ns += ns;
	pipeline_end_window(run->pipeline, &window);
}

static inline void end_process(uint32_t pid)
{
	struct life_value values[4] = {0};
	const struct life life = {.key = {pid, pid},
	                          .ended = true,
	                          .end_ns = run->now_ns,
	                          .comm = "",
	                          .exe = "",
	                          .values = values};

	pipeline_push_life(run->pipeline, &life);
}

static inline void push_scale(void)
{
	const struct attribute domain = {"domain", run->domain, strlen(run->domain)};
	const struct point point = {.metric = run->scale,
	                            .type = VALUE_F64,
	                            .value.f64 = PER_JOULE,
	                            .resource_kind = RESOURCE_CPU_PACKAGE,
	                            .n_attributes = 1,
	                            .attributes = &domain};

	pipeline_push(run->pipeline, &point);
}

static inline int set_up_with(int idle, const char *idle_watts)
{
	static struct run one;
	struct weight_plan *plan;

	one = (struct run){.now_ns = 1000 * MS, .domain = "package"};
	run = &one;
	root_make(&run->root);
	root_write(&run->root, "sys/devices/system/cpu/possible", "0\n");
	root_cpu(&run->root, 0, 0, 0, "0");
	run->settings = (struct energy_settings){.price_interval_ns = 50 * MS,
	                                         .weight = "auto",
	                                         .idle = idle,
	                                         .idle_watts = (char *)idle_watts,
	                                         .calibration = "/nowhere/at/all",
	                                         .smt_yield = "1.15",
	                                         .core_factors = "1",
	                                         .carbon_intensity = "",
	                                         .sysroot = run->root.path};
	run->metrics = metric_registry_new();
	run->pipeline = pipeline_new(run->metrics);
	run->context =
		(struct transform_context){.metrics = run->metrics, .pipeline = run->pipeline};
	run->rows = (uint32_t)metric_register(run->metrics, METRIC_CONSUMED_ENERGY, &UNIT_JOULE,
	                                      METRIC_DELTA);
	run->counts = (uint32_t)metric_register_internal(run->metrics, METRIC_ENERGY_COUNTS,
	                                                 &UNIT_NONE, METRIC_DELTA);
	run->scale = (uint32_t)metric_register_internal(run->metrics, METRIC_COUNTS_PER_JOULE,
	                                                &UNIT_NONE, METRIC_GAUGE);
	assert_int_equal(
		energy_plugin.transform->open(&run->settings, &run->context, &run->transform), 0);
	pipeline_add_transform(run->pipeline, run->transform);
	plan = pipeline_weight_plan(run->pipeline);
	assert_non_null(plan);
	assert_int_equal(pipeline_window_ns(run->pipeline), 0);
	plan->provided = "cycles";
	assert_int_equal(pipeline_window_ns(run->pipeline), 50 * MS);
	run->process_weight = (uint32_t)metric_register_internal(
		run->metrics, METRIC_PROCESS_WEIGHT, &UNIT_NONE, METRIC_DELTA);
	run->cpu_weight = (uint32_t)metric_register_internal(run->metrics, METRIC_CPU_WEIGHT,
	                                                     &UNIT_NONE, METRIC_DELTA);
	run->cpu_busy = (uint32_t)metric_register_internal(run->metrics, METRIC_CPU_BUSY_TIME,
	                                                   &UNIT_NANOSECOND, METRIC_DELTA);
	run->process_misses = (uint32_t)metric_register_internal(
		run->metrics, METRIC_PROCESS_MISSES, &UNIT_NONE, METRIC_DELTA);
	run->cpu_misses = (uint32_t)metric_register_internal(run->metrics, METRIC_CPU_MISSES,
	                                                     &UNIT_NONE, METRIC_DELTA);
	run->output.ops = &output_ops;
	pipeline_add_output(run->pipeline, &run->output);
	pipeline_begin(run->pipeline);
	push_scale();
	return 0;
}

static inline int set_up_time(void **state)
{
	return set_up_with(IDLE_TIME, "");
}

static inline int set_up_none(void **state)
{
	return set_up_with(IDLE_NONE, "");
}

static inline int set_up_watts(void **state)
{
	return set_up_with(IDLE_AUTO, "package=10");
}

static inline int tear_down(void **state)
{
	energy_plugin.transform->close(run->transform);
	pipeline_free(run->pipeline);
	metric_registry_free(run->metrics);
	root_remove(&run->root);
	return 0;
}

static inline uint64_t sum_of_all(void)
{
	uint64_t sum = run->other + run->idle + run->graphics;

	for (int i = 0; i < PIDS; i++)
		sum += run->of_processes[i];
	return sum;
}

static inline void assert_figure(size_t i, const char *label, double counts, const char *note)
{
	size_t n;
	const struct run_figure *figures = pipeline_figures(run->pipeline, &n);

	assert_true(i < n);
	assert_string_equal(figures[i].label, label);
	assert_true(figures[i].value == counts / PER_JOULE);
	assert_ptr_equal(figures[i].unit, &UNIT_JOULE);
	if (note)
		assert_string_equal(figures[i].note, note);
	else
		assert_null(figures[i].note);
}

#endif
