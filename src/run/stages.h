/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The sources, transforms and outputs of a run, opened, started and stopped in the right order. */
#ifndef AGENT_STAGES_H
#define AGENT_STAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "alumet/output.h"
#include "alumet/process.h"
#include "alumet/source.h"
#include "alumet/transform.h"
#include "core/metric_registry.h"
#include "core/pipeline.h"

struct stages {
	struct metric_registry *metrics;
	struct pipeline *pipeline;
	struct source **sources; /* in the order of the plugins' table */
	size_t n_sources;
	struct transform **transforms;
	size_t n_transforms;
	struct output **outputs;
	size_t n_outputs;
	struct output_context output_context; /* wait and data may be set before stages_open() */
	bool source_failed;                   /* one stopped measuring in the middle of the run */
};

/*
 * An empty pipeline with a registry. Returns 0 or -ENOMEM; stages is valid for stages_close() either
 * way.
 */
int stages_init(struct stages *stages, size_t n_plugins);

/* Open what the configuration enables. Returns 0 or a negative errno, said to the user. */
int stages_open(struct stages *stages, const struct config *config,
                const struct process_listener *listener);

/* The base readings, the first source last. Returns 0 or a negative errno, said to the user. */
int stages_start(struct stages *stages);

/* Poll one source, or let it read what is ready. An error ends this source's part, once said. */
void stages_poll(struct stages *stages, size_t source);
void stages_ready(struct stages *stages, size_t source);

/* With --wait-tree: whether some source still follows something. */
bool stages_busy(const struct stages *stages);

/* The last readings, the first source first, at once; then what need not be done at once. */
void stages_stop(struct stages *stages);

/* Everything still held is written, and the outputs end. Returns 0 or the first error of one. */
int stages_end(struct stages *stages);

/* The shortest flush interval of the sources, ns; 0 when there is none. */
uint64_t stages_flush_interval(const struct stages *stages);

void stages_report(const struct stages *stages,
                   void (*say)(void *data, enum report_kind kind, const char *line), void *data);

void stages_close(struct stages *stages);

#endif
