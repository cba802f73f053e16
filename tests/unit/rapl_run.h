/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The RAPL source between a laid-out root and an output that remembers its points. */
#ifndef TESTS_UNIT_RAPL_RUN_H
#define TESTS_UNIT_RAPL_RUN_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/metric_registry.h"
#include "core/pipeline.h"
#include "sources/rapl/choice.h"
#include "sources/rapl/rapl.h"
#include "unit/messages.h"
#include "unit/other_user.h"
#include "unit/rapl_root.h"

struct seen {
	char domain[24];
	char die[8]; /* "" without the attribute */
	enum resource_kind resource;
	uint32_t id;
	double joules;
	uint64_t time_ns;
};

struct run {
	struct output output; /* first: the pipeline gives it back */
	struct root root;
	struct rapl_settings settings;
	struct metric_registry *metrics;
	struct pipeline *pipeline;
	struct source_context context;
	struct source *source;
	struct seen seen[4096];
	size_t n_seen;
	char report[4096];
	struct messages messages;
	const char *said; /* on stderr while the source was opened */
};

static inline int run_write(struct output *output, const struct point *points, size_t n)
{
	struct run *run = (struct run *)output;

	for (size_t i = 0; i < n; i++) {
		struct seen *seen = &run->seen[run->n_seen++];

		assert_true(run->n_seen <= sizeof(run->seen) / sizeof(*run->seen));
		assert_int_equal(points[i].type, VALUE_F64);
		assert_int_equal(points[i].consumer_kind, CONSUMER_LOCAL_MACHINE);
		assert_string_equal(metric_get(run->metrics, points[i].metric)->name,
		                    "rapl_consumed_energy");
		*seen = (struct seen){.resource = points[i].resource_kind,
		                      .id = points[i].resource_id,
		                      .joules = points[i].value.f64,
		                      .time_ns = points[i].time_ns};
		for (size_t j = 0; j < points[i].n_attributes; j++) {
			const struct attribute *attribute = &points[i].attributes[j];
			bool is_die = strcmp(attribute->key, "die") == 0;

			memcpy(is_die ? seen->die : seen->domain, attribute->text,
			       attribute->length);
		}
	}
	return 0;
}

static inline void run_init(struct run *run)
{
	static const struct output_ops ops = {.write = run_write};

	memset(run, 0, sizeof(*run));
	run->output.ops = &ops;
	root_make(&run->root);
	run->settings.poll_interval_ns = 1000000000;
	run->settings.flush_interval_ns = 5000000000;
	run->settings.sysroot = run->root.path;
	run->metrics = metric_registry_new();
	run->pipeline = pipeline_new(NULL);
	pipeline_add_output(run->pipeline, &run->output);
	run->context.pipeline = run->pipeline;
	run->context.metrics = run->metrics;
}

/* Open the source; what it said is in run->said. Returns what open() did. */
static inline int run_open(struct run *run)
{
	int result;

	messages_catch(&run->messages, STDERR_FILENO);
	result = rapl_source.open(&run->settings, &run->context, &run->source);
	run->said = messages_text(&run->messages);
	return result;
}

/* The same as a user without privileges; for root. */
static inline int run_open_as_nobody(struct run *run)
{
	int result;

	assert_int_equal(chmod(run->root.path, 0755), 0);
	become_nobody();
	result = run_open(run);
	root_again();
	return result;
}

static inline void run_start(struct run *run)
{
	assert_int_equal(rapl_source.start(run->source), 0);
}

static inline void run_poll(struct run *run)
{
	assert_int_equal(rapl_source.poll(run->source), 0);
	assert_int_equal(pipeline_flush(run->pipeline), 0);
}

static inline void run_say(void *data, enum report_kind kind, const char *line)
{
	struct run *run = data;

	strcat(run->report, line);
	strcat(run->report, "\n");
}

/* The last readings, and the report. */
static inline void run_stop(struct run *run)
{
	assert_int_equal(rapl_source.stop(run->source), 0);
	assert_int_equal(pipeline_flush(run->pipeline), 0);
	run->report[0] = '\0';
	rapl_source.report(run->source, run_say, run);
}

static inline void run_fini(struct run *run)
{
	rapl_source.close(run->source);
	pipeline_free(run->pipeline);
	metric_registry_free(run->metrics);
	root_remove(&run->root);
}

static inline void run_open_and_start(struct run *run)
{
	assert_int_equal(run_open(run), 0);
	run_start(run);
}

/* For cmocka: a run with this backend on an empty machine. */
static inline int run_set_up(void **state, enum rapl_backend_setting backend)
{
	struct run *run = malloc(sizeof(*run));

	run_init(run);
	run->settings.backend = backend;
	*state = run;
	return 0;
}

static inline int run_tear_down(void **state)
{
	run_fini(*state);
	free(*state);
	return 0;
}

/* How many rows of a domain there are; die NULL: whatever it says. */
static inline size_t run_rows(const struct run *run, const char *domain, uint32_t id,
                              const char *die)
{
	size_t n = 0;

	for (size_t i = 0; i < run->n_seen; i++)
		n += strcmp(run->seen[i].domain, domain) == 0 && run->seen[i].id == id &&
		     (!die || strcmp(run->seen[i].die, die) == 0);
	return n;
}

/* The microjoules of a domain in all rows; -1 without a row. */
static inline int64_t run_die_uj(const struct run *run, const char *domain, uint32_t id,
                                 const char *die)
{
	double sum = 0;

	if (run_rows(run, domain, id, die) == 0)
		return -1;
	for (size_t i = 0; i < run->n_seen; i++)
		if (strcmp(run->seen[i].domain, domain) == 0 && run->seen[i].id == id &&
		    (!die || strcmp(run->seen[i].die, die) == 0))
			sum += run->seen[i].joules;
	return llround(sum * 1e6);
}

static inline int64_t run_uj(const struct run *run, const char *domain, uint32_t id)
{
	return run_die_uj(run, domain, id, NULL);
}

#endif
