/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A source measures something and pushes points, and lives of processes, into the pipeline.
 *
 * The agent calls, in this order:
 *   open    before the command exists: whatever can fail fails here
 *   start   immediately before the command may run: take the base readings
 *   poll    at each of the source's poll intervals while the command runs
 *   sample  at each end of a common window (see transform.h): push points of internal metrics
 *   ready   whenever its descriptor (if it has one) is readable
 *   busy    with --wait-tree, after the command: whether to go on
 *   stop    once, immediately after the command has ended: take the last readings
 *   finish  once, after every source has stopped: what need not be done at once
 *   report  once, after finish: what was lost or skipped
 *   close   always, whatever happened before
 * open and close are required, the others may be NULL.
 */
#ifndef ALUMET_SOURCE_H
#define ALUMET_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "alumet/run.h"

struct pipeline;
struct metric_registry;
struct source;

/* What a source gets from the agent; it outlives the source. */
struct source_context {
	struct pipeline *pipeline;
	struct metric_registry *metrics;
	bool required; /* asked for by name on the command line: "not here" is an error */
};

struct source_ops {
	/*
	 * settings: the plugin's own struct, filled; it outlives the source.
	 * Returns 0 and the source in *source; -ENODEV when there is nothing to measure (said as a
	 * warning; the run goes on without it unless context->required); another negative errno
	 * when the run cannot start. What happened has been told to the user.
	 */
	int (*open)(const void *settings, const struct source_context *context,
	            struct source **source);
	int (*start)(struct source *source);
	int (*poll)(struct source *source);
	/*
	 * Push, as points of internal metrics, what was used since the sample before. At the end of
	 * a window all sources are asked one after another, in the order of the plugins' table;
	 * also after start(), and after stop(). Never called when no transform wants windows.
	 */
	int (*sample)(struct source *source);
	int (*ready)(struct source *source);
	/* With --wait-tree, after the command has ended: something it follows has not. NULL: no. */
	bool (*busy)(struct source *source);
	int (*stop)(struct source *source);
	int (*finish)(struct source *source);
	/* Calls say() with a line for each thing that was lost or skipped, with its number. */
	void (*report)(struct source *source,
	               void (*say)(void *data, enum report_kind kind, const char *line),
	               void *data);
	void (*close)(struct source *source);
};

/* The part of a source that the agent knows; a source embeds it as its first member. */
struct source {
	const struct source_ops *ops;
	uint64_t poll_interval_ns;  /* 0: never polled */
	uint64_t flush_interval_ns; /* its points are written at least this often */
	int fd;                     /* readable when ready() has something to do; -1: none */
};

#endif
