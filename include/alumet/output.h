/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An output writes points and lives. */
#ifndef ALUMET_OUTPUT_H
#define ALUMET_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "alumet/life.h"
#include "alumet/metric.h"
#include "alumet/point.h"
#include "alumet/run.h"

/* The part of an output that the pipeline uses; an output embeds it as its first member. */
struct output {
	const struct output_ops *ops;
	const char *path;    /* of the file that it writes, its own string; NULL: none */
	bool shows_notices;  /* end() shows the notices in run_end to the user */
	bool shows_progress; /* call progress() */
};

/* The context in which an output is opened; it outlives the output. */
struct output_context {
	const struct metric_registry *metrics;
	const struct run_info *run;
	/*
	 * Complete, because sources and transforms are open already; NULL: the output is only
	 * tested.
	 */
	const struct life_schema *schema;
	/* The configuration file, which must not be overwritten; or NULL. */
	const char *config_path;
	/*
	 * In a series: the path of this output in the previous run, whose file is to be continued
	 * as if it had not ended. NULL: begin a file.
	 */
	const char *continues;
	bool trust_others; /* may write to files of others, where others may create files */

	/*
	 * Wait until the descriptor is writable; meanwhile, the run handles what cannot wait. To be
	 * called before each write that may block on a reader. Returns 0; -EAGAIN if something else
	 * has to be done first (write() returns, and keeps what it could not write), never after
	 * the command's end; -EINTR if the run has to end without the rest. NULL: only wait for the
	 * descriptor.
	 */
	int (*wait)(void *data, int fd);
	void *data; /* for wait */
};

struct output_ops {
	/*
	 * Prepare everything that can fail, before the command exists. Existing files are not
	 * changed before begin(). Returns 0, or a negative errno after logging why.
	 */
	int (*open)(const void *settings, const struct output_context *context,
	            struct output **output);
	/*
	 * The command has been started: existing files may be replaced from here on. schema: the
	 * fields of the lives to come, valid until close(). May be NULL.
	 */
	int (*begin)(struct output *output, const struct life_schema *schema);
	/*
	 * Write the points of one flush, in order of time. Returns 0 or a negative errno. After an
	 * error, which it has logged, only close() is called. May be NULL.
	 */
	int (*write)(struct output *output, const struct point *points, size_t n);
	/*
	 * Called for each process that has ended, and at the end of the run for the others. The
	 * life is valid during the call. Returns the same as write(). May be NULL.
	 */
	int (*life)(struct output *output, const struct life *life);
	/*
	 * Called each second during the run, if shows_progress: show the progress. NULL: the run
	 * has ended, or is being left; remove what was shown. May be NULL.
	 */
	void (*progress)(struct output *output, const struct run_progress *progress);
	/*
	 * Everything has been written: make it as durable as possible, or show what was collected.
	 * Outputs end in the order of the table of plugins. May be NULL.
	 */
	int (*end)(struct output *output, const struct run_end *end);
	/* After end(): call say() with a line for each loss or omission. May be NULL. */
	void (*report)(struct output *output,
	               void (*say)(void *data, enum report_kind kind, const char *line),
	               void *data);
	/*
	 * Free everything. If begin() was not called, undo what open() did. Takes an output in any
	 * state.
	 */
	void (*close)(struct output *output);
};

#endif
