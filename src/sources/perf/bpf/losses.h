/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reports losses and omissions, as lines of the run's report. */
#ifndef SOURCES_PERF_BPF_LOSSES_H
#define SOURCES_PERF_BPF_LOSSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"
#include "alumet/source.h"

/* Totals to compare losses with: of tasks that have ended or were left. */
struct losses_seen {
	uint64_t tasks, execs;
	uint64_t
		incomplete; /* processes that have ended, of whose threads last records were lost */
	uint64_t slices;    /* of time on a CPU */
	uint64_t readings;  /* of counters, at the end of slices */
};

/* Processes that outlived the run: what it was. */
enum losses_left {
	LEFT_BY_COMMAND, /* it ended with the command */
	LEFT_BY_SIGNAL,  /* it was to go on until their end (--wait-tree) */
	LEFT_BY_WATCH,   /* there was no command */
};

/*
 * Call say() with a line for each loss that is not 0, and with the total if it is known. left:
 * processes that outlived the run; why: what ended the run before them.
 */
void losses_say(const struct losses *losses, const struct losses_seen *seen, size_t left,
                enum losses_left why,
                void (*say)(void *data, enum report_kind kind, const char *line), void *data);

/*
 * Report that hardware counters were shared. label: the event that was counted for the least share
 * of its time; share: that share, 0 to 1. label NULL: none was shared, and there is no line.
 */
void losses_say_shared(double share, const char *label,
                       void (*say)(void *data, enum report_kind kind, const char *line),
                       void *data);

/*
 * Report the number of time slices with estimated counts, if there are any. label: the event with
 * the total that may be wrong by the largest share of itself; share: that share.
 */
void losses_say_estimates(const struct losses *losses, const struct losses_seen *seen, double share,
                          const char *label,
                          void (*say)(void *data, enum report_kind kind, const char *line),
                          void *data);

#endif
