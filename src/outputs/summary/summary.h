/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is said on stderr when the command has ended: wall time, processes, CPU time, energy, the
 * tree of processes, and whatever was lost.
 *
 * It hears of processes as a listener of the source that follows them, and of energy as one more
 * output of the pipeline.
 */
#ifndef AGENT_SUMMARY_H
#define AGENT_SUMMARY_H

#include <stdint.h>
#include <stdio.h>

#include "cli/options.h"
#include "alumet/metric.h"
#include "alumet/output.h"
#include "alumet/process.h"

struct summary;

/*
 * An empty summary, or NULL when memory ran out. The registry must outlive it. With SUMMARY_NONE
 * everything may be called as always, but nothing is kept and nothing printed.
 */
struct summary *summary_new(enum summary_mode mode, const struct metric_registry *metrics);
void summary_free(struct summary *summary);

/* For struct source_context; NULL with SUMMARY_NONE. Owned by the summary. */
const struct process_listener *summary_listener(struct summary *summary);

/* For pipeline_add_output(); its begin() and end() are NULL. Owned by the summary. */
struct output *summary_output(struct summary *summary);

/* The command as it was given, NULL-terminated; not copied. */
void summary_set_command(struct summary *summary, char *const *argv);

/* From the command's release to its end. */
void summary_set_wall_time(struct summary *summary, uint64_t ns);

/* How the command ended, as waitpid() gives it. */
void summary_set_wait_status(struct summary *summary, int wait_status);

/* A line about something lost or skipped, copied; shown at the end, after the tree. */
void summary_add_notice(struct summary *summary, const char *line);

/*
 * Print. columns and rows are the terminal's. columns 0: not a terminal, lines are as long as they
 * are. rows 0: of unknown height, taken as 24. Unless SUMMARY_FULL was asked for, the tree is cut
 * to what fills one screen, the processes with most CPU time being kept.
 */
void summary_print(struct summary *summary, FILE *file, unsigned columns, unsigned rows);

#endif
