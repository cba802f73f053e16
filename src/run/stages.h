/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The sources, transforms and outputs of a run, opened, started and stopped in the right order. */
#ifndef AGENT_STAGES_H
#define AGENT_STAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "alumet/output.h"
#include "alumet/source.h"
#include "alumet/transform.h"
#include "core/metric_registry.h"
#include "core/pipeline.h"
#include "linux/user.h"

/* A source of the run. */
struct stage_source {
	struct source *source;
	const char *name;
	bool failed; /* it stopped measuring in the middle of the run, and that has been said */
};

/* What the plugins reported. Zeroed: nothing. */
struct notices {
	struct run_notice *items; /* lines are owned */
	size_t n;
	bool failed; /* memory ran out: some are missing */
};

struct stages {
	struct metric_registry *metrics;
	struct pipeline *pipeline;
	struct stage_source *sources; /* in the order of the plugins' table */
	size_t n_sources;
	struct transform **transforms;
	size_t n_transforms;
	struct output **outputs;
	size_t n_outputs;
	struct run_info run;     /* argv may be set before stages_open() */
	const struct user *user; /* likewise: who owns the files; NULL: the agent */
	char *const *continues; /* likewise: of each output that is opened, see output.h; or NULL */
	size_t n_continues;
	struct output_context output_context;       /* wait and data likewise */
	struct transform_context transform_context; /* outlive the transforms and outputs */
	struct notices notices;
	uint64_t sample_cost_ns;  /* CPU time that the samples of one window take, on average */
	uint64_t window_begin_ns; /* CLOCK_MONOTONIC, of the common window that is open */
};

/*
 * An empty pipeline with a registry. Returns 0 or -ENOMEM; stages is valid for stages_close() either
 * way.
 */
int stages_init(struct stages *stages, size_t n_plugins);

/* Open what the configuration enables. Returns 0 or a negative errno, said to the user. */
int stages_open(struct stages *stages, const struct config *config);

/*
 * The base readings, the first source last; where a transform wants windows, also a first sample of
 * each source, with which the first window begins. Returns 0 or a negative errno, said to the user.
 */
int stages_start(struct stages *stages);

/* Every source takes a sample, and the common window ends at this moment; the next one begins. */
void stages_end_window(struct stages *stages);

/*
 * Poll one source, or let it read what is ready. After an error, which is said, the source is left
 * alone until the end of the run. Return whether it goes on.
 */
bool stages_poll(struct stages *stages, size_t source);
bool stages_ready(struct stages *stages, size_t source);

/* With --wait-tree: whether some source still follows something. */
bool stages_busy(const struct stages *stages);

/*
 * The last readings and the last samples, the first source first, at once; then what need not be
 * done at once. The last window ends.
 */
void stages_stop(struct stages *stages);

/*
 * Everything still held is written, every plugin reports, and the outputs end; with the notices,
 * unless one of the outputs shows them, shown as warnings. wall_ns, wait_status and detached of *end
 * are the caller's. Returns 0 or the first error of a transform, an output, or a source.
 */
int stages_end(struct stages *stages, struct run_end *end);

/* The shortest flush interval of the sources, ns; 0 when there is none. */
uint64_t stages_flush_interval(const struct stages *stages);

void stages_close(struct stages *stages);

#endif
