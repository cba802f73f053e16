/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The sources, transforms and outputs of a run, opened, started and stopped in the right order. */
#ifndef RUN_STAGES_H
#define RUN_STAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "alumet/output.h"
#include "alumet/source.h"
#include "alumet/transform.h"
#include "linux/identity.h"
#include "core/metric_registry.h"
#include "core/pipeline.h"
#include "linux/user.h"
#include "run/run_rows.h"

/* A source of the run. */
struct stage_source {
	struct source *source;
	const struct plugin_config *config;
	const char *name;
	bool failed; /* it stopped measuring during the run; that was logged */
	int err;     /* why */
};

/* What the plugins reported. Zeroed when empty. */
struct notices {
	struct run_notice *items; /* lines are owned */
	size_t n;
	size_t n_logged; /* the first n, whose errors have been logged */
	bool failed;     /* memory ran out: some are missing */
};

struct stages {
	struct metric_registry *metrics;
	struct pipeline *pipeline;
	struct stage_source *sources; /* in the order of the plugins' table */
	size_t n_sources;
	struct source **begun; /* by plugin; NULL: none, or opened */
	size_t n_plugins;
	struct transform **transforms;
	size_t n_transforms;
	struct output **outputs;
	size_t n_outputs;
	char run_id[IDENTITY_RUN_SIZE];
	struct run_info run;       /* argv may be set before stages_open() */
	const struct watch *watch; /* likewise: what is watched; NULL: a command, started later */
	const struct user *user;   /* likewise: who owns the files; NULL: the agent */
	char *const *continues;    /* likewise: of each opened output, see output.h; or NULL */
	size_t n_continues;
	struct output_context output_context;         /* wait and data likewise */
	struct transform_context *transform_contexts; /* of each transform, which they outlive */
	struct notices notices;
	struct run_rows rows;
	uint64_t sample_cost_ns;  /* average CPU time for the samples of a window */
	uint64_t window_begin_ns; /* CLOCK_MONOTONIC, of the current common window */
	uint64_t n_prolonged;     /* of that window, see struct window */
};

/* Create an empty pipeline and a registry. Returns 0 or -ENOMEM; call stages_close() either way. */
int stages_init(struct stages *stages, size_t n_plugins);

/* Open the enabled plugins. Returns 0 or a negative errno, logged. */
int stages_open(struct stages *stages, const struct config *config);

/*
 * The run has begun, at run.start_realtime_ns: begin the transforms and outputs, and push the first
 * row, about the run.
 */
void stages_begin(struct stages *stages);

/*
 * Take the base readings, those of the first source last. If a transform wants windows, also a
 * first sample of each source, which begins the first window. Returns 0 or a negative errno,
 * logged.
 */
int stages_start(struct stages *stages);

/* Take a sample of every source. The common window ends at that time, and the next one begins. */
void stages_end_window(struct stages *stages);

/*
 * Poll one source, or let it read what is ready. After an error, which is logged, the source is not
 * called again until the end of the run. Return whether it continues.
 */
bool stages_poll(struct stages *stages, size_t source);
bool stages_ready(struct stages *stages, size_t source);

/* With --wait-tree: whether a source still follows something. */
bool stages_busy(const struct stages *stages);

/* Whether a source follows something that may end. */
bool stages_can_be_busy(const struct stages *stages);

/*
 * Take the last readings and samples of all sources, in the order of the plugin table, then do what
 * could wait. The last window ends.
 */
void stages_stop(struct stages *stages);

/* Add a notice of the run itself. Call before stages_end(). The line is copied. */
void stages_note(struct stages *stages, const char *line);

/*
 * Write everything still held, collect every plugin's report, and end the outputs. The notices are
 * logged as warnings unless an output shows them. The caller sets wall_ns, wait_status and detached
 * of *end. Returns 0 or the first error of a transform, an output, or a source.
 */
int stages_end(struct stages *stages, struct run_end *end);

/* The file of the first output that has one, for the report. NULL: none has one. */
const char *stages_first_path(const struct stages *stages);

/* The shortest flush interval of the sources, ns; 0: none has one. */
uint64_t stages_flush_interval(const struct stages *stages);

void stages_close(struct stages *stages);

#endif
