/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A source measures something and pushes points, and lives of processes, into the pipeline.
 *
 * The agent calls, in this order:
 *   begin   before anything is opened: start in the background what takes long
 *   open    before the command exists: whatever can fail fails here
 *   load    after all plugins were opened: wait for what was begun
 *   start   immediately before the command may run: take the base readings
 *   poll    at each of the source's poll intervals while the command runs
 *   sample  at each end of a common window (see transform.h): push points of internal metrics
 *   sampled after all sources were sampled: push rows of the same readings
 *   progress  each second, where something shows how far the run is
 *   ready   whenever its descriptor (if it has one) is readable
 *   busy    with --wait-tree, after the command: whether to go on
 *   stop    once, immediately after the command has ended: take the last readings
 *   finish  once, after every source has stopped: what need not be done at once
 *   report  once, after finish: what was lost or skipped
 *   close   always, whatever happened before
 * open and close are required, the others may be NULL. After begin, close may come without open.
 */
#ifndef ALUMET_SOURCE_H
#define ALUMET_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "alumet/absence.h"
#include "alumet/run.h"

struct pipeline;
struct metric_registry;
struct source;
struct watch;

/* The context in which a source is opened; it outlives the source. */
struct source_context {
	struct pipeline *pipeline;
	struct metric_registry *metrics;
	const struct run_info *run;
	/* The targets of a watch; NULL: there is a command, which is started later. */
	const struct watch *watch;
	enum absence absence; /* for log_absence(), if there is nothing to measure */
};

/* A result of sample(). */
#define SAMPLE_AGAIN 1

struct source_ops {
	/*
	 * Create the source, and set its ops. Other plugins have added nothing to the context yet.
	 * Returns 0, or a negative errno, logged, if the run cannot start.
	 */
	int (*begin)(const void *settings, const struct source_context *context,
	             struct source **source);
	/*
	 * settings: the plugin's own struct, which outlives the source. *source: of begin(), or
	 * NULL; open() closes it if it fails. Returns 0 and the source in *source; -ENODEV, from
	 * log_absence(), if there is nothing to measure: the run goes on without the source, unless
	 * that is an error; another negative errno if the run cannot start. open() has logged the
	 * reason.
	 */
	int (*open)(const void *settings, const struct source_context *context,
	            struct source **source);
	/*
	 * The rest of open(), if it is slow: other plugins are opened while what begin() and open()
	 * started goes on in the background. Returns 0 or a negative errno, logged.
	 */
	int (*load)(struct source *source, const struct source_context *context);
	int (*start)(struct source *source);
	int (*poll)(struct source *source);
	/*
	 * Push what was used since the previous sample, as points of internal metrics. All sources
	 * are sampled at the end of a window, in the order of the table of plugins, and also after
	 * start() and stop(). Never called if no transform uses windows. begun_ns: when the first
	 * source was sampled (CLOCK_MONOTONIC). Returns 0 or a negative errno; or SAMPLE_AGAIN if
	 * that is long ago, because the agent got no CPU: all sources are sampled again, so that
	 * their samples are of the same time. begun_ns is 0 if that is not possible.
	 */
	int (*sample)(struct source *source, uint64_t begun_ns);
	/* All sources were sampled: push rows that are made from the same readings. */
	int (*sampled)(struct source *source);
	/*
	 * Fill in this source's part of the run's progress, as cheaply as possible; only called if
	 * an output shows progress. Errors are left to the next poll. Nothing goes into the
	 * pipeline.
	 */
	void (*progress)(struct source *source, struct run_progress *progress);
	int (*ready)(struct source *source);
	/*
	 * With --wait-tree, after the command's end: whether something that the source follows is
	 * still running. NULL: no.
	 */
	bool (*busy)(struct source *source);
	int (*stop)(struct source *source);
	int (*finish)(struct source *source);
	/* Call say() with a line for each loss or omission, with its number. */
	void (*report)(struct source *source,
	               void (*say)(void *data, enum report_kind kind, const char *line),
	               void *data);
	void (*close)(struct source *source);
};

/* The part of a source that the agent uses; a source embeds it as its first member. */
struct source {
	const struct source_ops *ops;
	uint64_t poll_interval_ns;  /* 0: never polled */
	uint64_t flush_interval_ns; /* its points are written at least this often */
	int fd;                     /* readable when ready() has something to do; -1: none */
};

#endif
