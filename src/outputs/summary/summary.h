/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is said on stderr when the command has ended: wall time, processes, CPU time, energy, the
 * tree of processes, and whatever was lost. summary_output.c makes an output of it.
 */
#ifndef AGENT_SUMMARY_H
#define AGENT_SUMMARY_H

#include <stdint.h>
#include <stdio.h>

#include "alumet/metric.h"
#include "alumet/point.h"
#include "outputs/summary/tree.h"

enum summary_mode { SUMMARY_NONE, SUMMARY_SHORT, SUMMARY_FULL };

struct summary;

/*
 * An empty summary, or NULL when memory ran out. The registry must outlive it. With SUMMARY_NONE
 * everything may be called as always, but nothing is kept and nothing printed.
 */
struct summary *summary_new(enum summary_mode mode, const struct metric_registry *metrics);
void summary_free(struct summary *summary);

/* Processes are followed, and have these counters: to be called once, before the first process. */
void summary_begin(struct summary *summary, size_t n_counters, const char *const *counter_names);

/* Once for each process: when it ended, or at the end of the run if it lives on. */
void summary_add_process(struct summary *summary, const struct process_report *report);

/* Points of one flush, of which those of energy are taken. Returns 0 or -ENOMEM. */
int summary_add_points(struct summary *summary, const struct point *points, size_t n);

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
