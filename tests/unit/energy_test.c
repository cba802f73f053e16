/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The transform between a played source and an output that adds up: exact whatever comes in. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

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

static uint64_t counts_of(double joules)
{
	const double counts = joules * PER_JOULE;

	assert_true(counts >= 0);
	assert_true(fabs(counts - round(counts)) < 1e-6);
	return (uint64_t)round(counts);
}

static bool has_text(const struct point *point, const char *key, const char *text)
{
	for (size_t i = 0; i < point->n_attributes; i++) {
		if (strcmp(point->attributes[i].key, key) == 0)
			return point->attributes[i].length == strlen(text) &&
			       strncmp(point->attributes[i].text, text, strlen(text)) == 0;
	}
	return false;
}

static void take_process(const struct point *point, uint64_t counts)
{
	run->of_processes[point->consumer_id] += counts;
	run->last_life = point->consumer_life;
}

static int take(struct output *output, const struct point *points, size_t n)
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

static int take_life(struct output *output, const struct life *life)
{
	const struct life_schema *schema = pipeline_life_schema(run->pipeline);
	const int field = life_field_index(schema, "attributed-energy");

	run->life_joules[life->key.pid] = life->values[field].f64;
	return 0;
}

static const struct output_ops output_ops = {.write = take, .life = take_life};

static void push(uint32_t metric, enum resource_kind kind, uint32_t resource, uint32_t pid,
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

static void push_energy(uint64_t counts)
{
	push(run->counts, RESOURCE_CPU_PACKAGE, 0, 0, counts);
	run->pushed += counts;
}

static void push_weight(uint32_t pid, uint64_t weight)
{
	push(run->process_weight, RESOURCE_CPU_PACKAGE, 0, pid, weight);
}

static void push_cpu(uint64_t weight, uint64_t busy_ns)
{
	push(run->cpu_weight, RESOURCE_CPU_CORE, 0, 0, weight);
	push(run->cpu_busy, RESOURCE_CPU_CORE, 0, 0, busy_ns);
}

static void end_window(uint64_t ns, bool with_rows)
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

static void end_process(uint32_t pid)
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

static void push_scale(void)
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

static int set_up_with(int idle, const char *idle_watts)
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

static int set_up_time(void **state)
{
	return set_up_with(IDLE_TIME, "");
}

static int set_up_none(void **state)
{
	return set_up_with(IDLE_NONE, "");
}

static int set_up_watts(void **state)
{
	return set_up_with(IDLE_AUTO, "package=10");
}

static int tear_down(void **state)
{
	energy_plugin.transform->close(run->transform);
	pipeline_free(run->pipeline);
	metric_registry_free(run->metrics);
	root_remove(&run->root);
	return 0;
}

static uint64_t sum_of_all(void)
{
	uint64_t sum = run->other + run->idle + run->graphics;

	for (int i = 0; i < PIDS; i++)
		sum += run->of_processes[i];
	return sum;
}

static uint64_t random_state = 88172645463325252ULL;

static uint64_t any(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % below;
}

/* Intervals without energy, without weight, of no length; processes that come and go. */
static void random_series_add_up(void **state)
{
	for (int window = 0; window < 3000; window++) {
		const uint64_t ns = any(8) ? 1 + any(100 * MS) : 1;
		uint64_t known = 0;

		push_energy(any(5) ? any(1 << 20) : 0);
		for (uint32_t pid = 1; pid < PIDS; pid++) {
			const uint64_t weight = any(3) ? 0 : any(1ULL << any(50));

			known += weight;
			if (weight)
				push_weight(pid, weight);
			if (any(40) == 0)
				end_process(pid);
		}
		/* Now and then the CPU's reading is behind the processes'. */
		push_cpu(any(10) ? known + any(1ULL << any(50)) : known / 2, any(2 * ns));
		end_window(ns, any(4) == 0);
	}
	end_window(1, true);
	assert_true(sum_of_all() == run->pushed);
}

static void two_to_one_by_weight(void **state)
{
	push_energy(4000);
	push_weight(1, 200);
	push_weight(2, 100);
	push_cpu(400, 50 * MS);
	end_window(50 * MS, true);
	assert_int_equal(run->of_processes[1], 2000);
	assert_int_equal(run->of_processes[2], 1000);
	assert_int_equal(run->other, 1000);
	assert_int_equal(run->idle, 0);
}

/*
 * With weights of 2:1 and misses of 1:3, of 500 in all. Without misses memory goes by the weights.
 */
static void memory_is_shared_by_misses(void **state)
{
	for (int counted = 1; counted >= 0; counted--) {
		memset(run->of_dram, 0, sizeof(run->of_dram));
		run->domain = "dram";
		push_scale();
		push(run->counts, RESOURCE_CPU_PACKAGE, 0, 0, 4000);
		run->domain = "package";
		push_energy(4000);
		push_weight(1, 200);
		push_weight(2, 100);
		push_cpu(400, 50 * MS);
		if (counted) {
			push(run->process_misses, RESOURCE_CPU_PACKAGE, 0, 1, 100);
			push(run->process_misses, RESOURCE_CPU_PACKAGE, 0, 2, 300);
			push(run->cpu_misses, RESOURCE_CPU_CORE, 0, 0, 500);
		}
		end_window(50 * MS, true);
		assert_int_equal(run->of_dram[1], counted ? 800 : 2000);
		assert_int_equal(run->of_dram[2], counted ? 2400 : 1000);
	}
	assert_int_equal(run->of_processes[1], 4000);
	assert_int_equal(run->of_processes[2], 2000);
}

static void a_life_has_what_its_rows_have(void **state)
{
	for (int i = 0; i < 5; i++) {
		push_energy(1000);
		push_weight(1, 30);
		push_cpu(40, 50 * MS);
		if (i == 4)
			end_process(1);
		end_window(50 * MS, false);
	}
	assert_int_equal(run->of_processes[1], 5 * 750);
	assert_true(run->life_joules[1] == 5 * 750 / PER_JOULE);
	/* Its pid may come again: what it had is gone. */
	push_energy(1000);
	push_weight(1, 10);
	push_cpu(10, 50 * MS);
	end_process(1);
	end_window(50 * MS, true);
	assert_true(run->life_joules[1] == 1000 / PER_JOULE);
}

static void rows_tell_the_life_of_a_pid(void **state)
{
	push_energy(1000);
	push_weight(SECOND_LIFE, 10);
	push_cpu(10, 50 * MS);
	end_window(50 * MS, true);
	assert_int_equal(run->last_life, 2);
	push_energy(1000);
	push_weight(1, 10);
	push_cpu(10, 50 * MS);
	end_window(50 * MS, true);
	assert_int_equal(run->last_life, 0);
}

static void assert_figure(size_t i, const char *label, double counts, const char *note)
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

static void the_run_ends_with_others_idle_and_total(void **state)
{
	size_t n;

	push_energy(4000);
	push_weight(1, 30);
	push_cpu(40, 25 * MS);
	end_window(50 * MS, true);
	push_energy(1000);
	end_window(50 * MS, false);
	pipeline_finish(run->pipeline);
	pipeline_figures(run->pipeline, &n);
	assert_int_equal(n, 3);
	assert_figure(0, "others", 500, NULL);
	assert_figure(1, "idle", 2000 + 1000, NULL);
	assert_figure(2, "total", 5000, "by cycles; idle by time");
	assert_true(sum_of_all() == run->pushed);
}

static void idle_by_time_is_the_idle_share(void **state)
{
	push_energy(1000);
	push_weight(1, 10);
	push_cpu(10, 10 * MS);
	end_window(40 * MS, true);
	assert_int_equal(run->idle, 750);
	assert_int_equal(run->of_processes[1], 250);
}

/* Half of the CPU is used at any time: the process has as much in each interval. */
static void weights_that_are_read_late_are_of_a_longer_time(void **state)
{
	static const uint64_t late_ms[] = {0, 40, 0};
	struct weight_plan *plan = pipeline_weight_plan(run->pipeline);
	uint64_t before_ns = run->now_ns;

	plan->weighed_ns = before_ns;
	end_window(0, false);
	for (uint64_t i = 0; i < 3; i++) {
		plan->weighed_ns = run->now_ns + (50 + late_ms[i]) * MS;
		push_energy(1000);
		push_weight(1, 10);
		push_cpu(10, (plan->weighed_ns - before_ns) / 2);
		before_ns = plan->weighed_ns;
		end_window(50 * MS, true);
		assert_int_equal(run->of_processes[1], 500 * (i + 1));
		assert_int_equal(run->idle, 500 * (i + 1));
	}
}

static void count_line(void *data, enum report_kind kind, const char *line)
{
	if (strstr(line, "lasted 125 ms on average, not 50 ms"))
		(*(int *)data)++;
}

static void intervals_are_long_by_cost_only_where_they_were_prolonged(void **state)
{
	int n = 0;

	for (int i = 0; i < 4; i++)
		end_window(500 * MS, false);
	energy_plugin.transform->report(run->transform, count_line, &n);
	assert_int_equal(n, 0);
	run->n_prolonged = 3;
	for (int i = 0; i < 4; i++)
		end_window(200 * MS, false);
	energy_plugin.transform->report(run->transform, count_line, &n);
	assert_int_equal(n, 1);
}

static void idle_by_watts_is_at_most_everything(void **state)
{
	/* 10 W for 50 ms are half a joule. */
	push_energy((uint64_t)PER_JOULE);
	push_weight(1, 10);
	push_cpu(10, 50 * MS);
	end_window(50 * MS, true);
	assert_int_equal(run->idle, (uint64_t)PER_JOULE / 2);
	assert_int_equal(run->of_processes[1], (uint64_t)PER_JOULE / 2);
	/* A counter that stands still, or was reset; a suspended machine. */
	push_energy(7);
	push_weight(1, 10);
	push_cpu(10, 50 * MS);
	end_window(50 * MS, true);
	assert_int_equal(run->idle, (uint64_t)PER_JOULE / 2 + 7);
	assert_true(sum_of_all() == run->pushed);
}

static void where_nothing_ran_all_is_idle(void **state)
{
	push_energy(1234);
	end_window(50 * MS, true);
	assert_int_equal(run->idle, 1234);
	assert_int_equal(sum_of_all(), 1234);
}

static void without_energy_counters_there_is_nothing_to_do(void **state)
{
	struct metric_registry *metrics = metric_registry_new();
	const struct transform_context context = {
		.metrics = metrics, .pipeline = run->pipeline, .absence = ABSENCE_SILENT};
	struct transform *transform;

	assert_int_equal(energy_plugin.transform->open(&run->settings, &context, &transform), -19);
	metric_registry_free(metrics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(random_series_add_up, set_up_time, tear_down),
		cmocka_unit_test_setup_teardown(random_series_add_up, set_up_watts, tear_down),
		cmocka_unit_test_setup_teardown(random_series_add_up, set_up_none, tear_down),
		cmocka_unit_test_setup_teardown(two_to_one_by_weight, set_up_none, tear_down),
		cmocka_unit_test_setup_teardown(memory_is_shared_by_misses, set_up_none, tear_down),
		cmocka_unit_test_setup_teardown(a_life_has_what_its_rows_have, set_up_none,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(rows_tell_the_life_of_a_pid, set_up_none,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(the_run_ends_with_others_idle_and_total,
	                                        set_up_time, tear_down),
		cmocka_unit_test_setup_teardown(idle_by_time_is_the_idle_share, set_up_time,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(weights_that_are_read_late_are_of_a_longer_time,
	                                        set_up_time, tear_down),
		cmocka_unit_test_setup_teardown(
			intervals_are_long_by_cost_only_where_they_were_prolonged, set_up_time,
			tear_down),
		cmocka_unit_test_setup_teardown(idle_by_watts_is_at_most_everything, set_up_watts,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(where_nothing_ran_all_is_idle, set_up_none,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(without_energy_counters_there_is_nothing_to_do,
	                                        set_up_none, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
