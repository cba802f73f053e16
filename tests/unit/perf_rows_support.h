/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A process with three counters, and its points as text. */
#ifndef TESTS_UNIT_PERF_ROWS_SUPPORT_H
#define TESTS_UNIT_PERF_ROWS_SUPPORT_H

#include <stdlib.h>

#include "core/metric_registry.h"
#include "core/pipeline.h"
#include "sources/perf/fields.h"
#include "sources/perf/process_rows.h"
#include "sources/perf/rows.h"
#include "unit/point_printer.h"

static struct event_instance cycles_pmus[] = {{.pmu = (char *)"cpu_core"},
                                              {.pmu = (char *)"cpu_atom"}};
static struct event_instance faults_pmus[] = {{.pmu = NULL}};

static struct event events[] = {
	{.metric = (char *)"perf_cycles", .instances = cycles_pmus, .n_instances = 2},
	{.metric = (char *)"perf_time", .origin = EVENT_FROM_KERNEL, .field = FIELD_CPU_TIME},
	{.metric = (char *)"perf_switches",
         .origin = EVENT_FROM_KERNEL,
         .field = FIELD_CONTEXT_SWITCHES},
	{.metric = (char *)"perf_migrations",
         .origin = EVENT_FROM_KERNEL,
         .field = FIELD_MIGRATIONS},
	{.metric = (char *)"perf_faults",
         .label = (char *)"faults",
         .instances = faults_pmus,
         .n_instances = 1},
};

#define COUNTERS 3 /* of cycles two, of faults one */
#define WEIGHTS 2  /* behind them, in every account; no event's */

static const struct event_list event_list = {.events = events, .n = 5};

struct fixture {
	struct pipeline *pipeline;
	struct metric_registry *metrics;
	struct printer printer;
	struct process_rows *process_rows;
	struct rows *rows;
	struct process process;
	struct account *sum;
};

static inline int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->metrics = metric_registry_new();
	f->pipeline = pipeline_new(NULL);
	printer_init(&f->printer, f->metrics);
	pipeline_add_output(f->pipeline, &f->printer.output);
	assert_int_equal(process_rows_new(&(struct process_rows_settings){0}, f->pipeline,
	                                  f->metrics, &f->process_rows),
	                 0);
	f->sum = calloc(1, sizeof(*f->sum) +
	                           (COUNTERS + WEIGHTS) * (sizeof(struct counter) + sizeof(__u64)));
	f->sum->counters_n = COUNTERS + WEIGHTS;
	for (size_t i = 0; i < WEIGHTS; i++)
		f->sum->counters[COUNTERS + i].count = 1000000;
	f->process = (struct process){.id = {.pid = 4711, .start_ns = 1}, .sum = f->sum};
	*state = f;
	return 0;
}

static inline int unmake(void **state)
{
	struct fixture *f = *state;

	rows_free(f->rows);
	process_rows_free(f->process_rows);
	pipeline_free(f->pipeline);
	metric_registry_free(f->metrics);
	free(f->sum);
	free(f->process.user);
	free(f);
	return 0;
}

static inline void use_events(struct fixture *f, const struct event_list *list,
                              struct rows_settings settings)
{
	rows_free(f->rows);
	assert_int_equal(
		rows_new(list, &settings, f->process_rows, f->pipeline, f->metrics, &f->rows), 0);
}

static inline void use(struct fixture *f, struct rows_settings settings)
{
	use_events(f, &event_list, settings);
}

/* What was printed since the last time. */
static inline void assert_printed(struct fixture *f, const char *expected)
{
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	assert_printed_by(&f->printer, expected);
}

static inline void set_counters(struct fixture *f, uint64_t core, uint64_t atom, uint64_t faults)
{
	f->sum->counters[0] = (struct counter){core, 100, 100};
	f->sum->counters[1] = (struct counter){atom, 100, 100};
	f->sum->counters[2] = (struct counter){faults, 200, 200};
}

#endif
