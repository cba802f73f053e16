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

/* The part of an output that the pipeline knows; an output embeds it as its first member. */
struct output {
	const struct output_ops *ops;
	const char *path;   /* of the file that it writes, its own string; NULL: none */
	bool shows_notices; /* its end() shows run_end's notices to the user */
};

/* What an output is opened with; it outlives the output. */
struct output_context {
	const struct metric_registry *metrics;
	const struct run_info *run;
	/* Complete, as sources and transforms are open already; NULL: an output is only tried. */
	const struct life_schema *schema;
	const char *config_path; /* where the configuration is read: not to be written; or NULL */
	/*
	 * In a series: the path of this output in the run before. Its file is to be continued as if
	 * there had been no end. NULL: a file is begun.
	 */
	const char *continues;
	bool trust_others; /* files of others, where others may create files, may be written */

	/*
	 * Wait until the descriptor takes more, and meanwhile let the run do what cannot wait: to
	 * be called before each write that may have to wait for a reader. Returns 0; -EAGAIN when
	 * something else is to be done first (write() returns, and keeps what it could not write),
	 * never after the command's end; -EINTR when the run is to end without what is not
	 * written. NULL: wait for the descriptor alone.
	 */
	int (*wait)(void *data, int fd);
	void *data; /* for wait */
};

struct output_ops {
	/*
	 * Make ready, before the command exists, whatever can fail. Nothing that existed is
	 * changed before begin(). Returns 0, or a negative errno after telling the user why.
	 */
	int (*open)(const void *settings, const struct output_context *context,
	            struct output **output);
	/*
	 * The command could be started: from here on the output is for real. schema: the fields of
	 * the lives to come; valid until close(). NULL: nothing to do.
	 */
	int (*begin)(struct output *output, const struct life_schema *schema);
	/*
	 * Points of one flush, in time order. Returns 0 or a negative errno; after an error the
	 * output is not called again but for close(), and the user has been told. May be NULL.
	 */
	int (*write)(struct output *output, const struct point *points, size_t n);
	/*
	 * A process has ended, or the run has and it lives on. The life is valid during the call.
	 * Returns as write() does. May be NULL.
	 */
	int (*life)(struct output *output, const struct life *life);
	/*
	 * Everything is written: make it durable as far as a file can be, or show what was
	 * collected. Outputs end in the order of the plugins' table. May be NULL.
	 */
	int (*end)(struct output *output, const struct run_end *end);
	/* After end(): calls say() with a line for each thing that was lost or skipped. May be NULL. */
	void (*report)(struct output *output,
	               void (*say)(void *data, enum report_kind kind, const char *line),
	               void *data);
	/* Undo what begin() did not confirm; free. Takes an output in any state. */
	void (*close)(struct output *output);
};

#endif
