/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rows of a watch's cgroups: the sums of their processes, those that have ended included. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/metric_registry.h"
#include "core/pipeline.h"
#include "perf_support.h"
#include "sources/perf/perf.h"

static struct event events[] = {
	{.metric = (char *)"time", .origin = EVENT_FROM_KERNEL, .field = FIELD_CPU_TIME},
	{.metric = (char *)"block_wait", .origin = EVENT_FROM_KERNEL, .field = TASK_BLOCK_WAIT},
};

static const struct watch_cgroup cgroups[] = {{.id = 1, .path = "/a"}, {.id = 2, .path = "/b"}};

/*
 * The values of the rows since the last look, by cgroup and event; NONE where a row has no value.
 */
#define NONE UINT64_MAX

struct collector {
	struct output output;
	uint64_t values[2][2];
	size_t n;
};

struct fixture {
	struct perf perf;
	struct watch watch;
	struct process_observer observer;
	struct metric_registry *metrics;
	struct collector collector;
};

static int collect(struct output *output, const struct point *points, size_t n)
{
	struct collector *collector = (struct collector *)output;

	for (size_t i = 0; i < n; i++) {
		const size_t cgroup = strcmp(points[i].consumer_text, "/b") == 0;

		assert_int_equal(points[i].consumer_kind, CONSUMER_CGROUP);
		collector->values[cgroup][collector->n % 2] =
			points[i].type == VALUE_U64 ? points[i].value.u64 : NONE;
		collector->n++;
	}
	return 0;
}

static const struct output_ops collector_ops = {.write = collect};

static int on_event(void *data, struct process *process)
{
	return 0;
}

static int on_ended(void *data, struct process *process)
{
	perf_cgroups_ended(data, process);
	return 0;
}

static int make(void **state)
{
	const struct rows_settings rows_settings = {0};
	const struct process_rows_settings settings = {0};
	struct fixture *f = calloc(1, sizeof(*f));
	struct perf *perf = f ? &f->perf : NULL;

	if (!f)
		return -1;
	f->metrics = metric_registry_new();
	f->watch = (struct watch){.cgroups = cgroups, .n_cgroups = 2};
	f->collector.output.ops = &collector_ops;
	f->observer = (struct process_observer){
		.data = perf, .started = on_event, .executed = on_event, .ended = on_ended};
	perf->watch = &f->watch;
	perf->events = (struct event_list){.events = events, .n = 2};
	perf->pipeline = pipeline_new(NULL);
	pipeline_add_output(perf->pipeline, &f->collector.output);
	perf->processes = processes_new(0, &f->observer);
	*state = f;
	return process_rows_new(&settings, perf->pipeline, f->metrics, &perf->process_rows) ||
	       rows_new(&perf->events, &rows_settings, perf->process_rows, perf->pipeline,
	                f->metrics, &perf->rows) ||
	       perf_cgroups_open(perf);
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	perf_cgroups_close(&f->perf);
	rows_free(f->perf.rows);
	process_rows_free(f->perf.process_rows);
	processes_free(f->perf.processes);
	pipeline_free(f->perf.pipeline);
	metric_registry_free(f->metrics);
	free(f);
	return 0;
}

/* A process of one thread, of the cgroup of that number. */
static struct task_record process_in(uint32_t cgroup, uint32_t pid, uint64_t cpu_ns,
                                     uint64_t wait_ns)
{
	struct task_record record = leader_of(process_id(pid, pid));

	record.target = cgroup;
	record.cpu_ns = cpu_ns;
	record.fields[TASK_BLOCK_WAIT] = wait_ns;
	return record;
}

static void assert_rows(struct fixture *f, uint64_t a_ns, uint64_t a_wait, uint64_t b_ns,
                        uint64_t b_wait)
{
	const uint64_t expected[2][2] = {{a_ns, a_wait}, {b_ns, b_wait}};

	f->collector.n = 0;
	assert_int_equal(perf_cgroups_push(&f->perf, clock_monotonic_ns() + NSEC_PER_SEC), 0);
	assert_int_equal(pipeline_flush(f->perf.pipeline), 0);
	assert_int_equal(f->collector.n, 4);
	for (size_t i = 0; i < 2; i++) {
		for (size_t j = 0; j < 2; j++)
			assert_int_equal(f->collector.values[i][j], expected[i][j]);
	}
}

static void a_cgroup_has_the_sum_of_its_processes(void **state)
{
	struct fixture *f = *state;
	struct task_record first = process_in(0, 10, 100, 7), second = process_in(0, 11, 20, 1);
	struct task_record other = process_in(1, 12, 3, 0);

	assert_rows(f, 0, NONE, 0, NONE);
	assert_int_equal(processes_task_alive(f->perf.processes, &first), 0);
	assert_int_equal(processes_task_alive(f->perf.processes, &second), 0);
	assert_int_equal(processes_task_alive(f->perf.processes, &other), 0);
	assert_rows(f, 120, 8, 3, 0);
	first.cpu_ns = 150;
	first = ended_at(first, 1000);
	assert_int_equal(processes_task_ended(f->perf.processes, &first), 0);
	assert_rows(f, 170, 8, 3, 0);
	second = ended_at(second, 1001);
	assert_int_equal(processes_task_ended(f->perf.processes, &second), 0);
	assert_rows(f, 170, 8, 3, 0);
}

/* As of a process: of one thread that waited for hours since the watch began. */
static void a_wait_longer_than_the_watch_has_no_value(void **state)
{
	struct fixture *f = *state;
	const struct task_record record = process_in(0, 10, 100, 3600 * NSEC_PER_SEC);

	assert_int_equal(processes_task_alive(f->perf.processes, &record), 0);
	assert_rows(f, 100, NONE, 0, NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_cgroup_has_the_sum_of_its_processes),
		TEST(a_wait_longer_than_the_watch_has_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
