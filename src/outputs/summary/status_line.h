/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One line on a terminal that shows the progress of a long run. It is redrawn each second and
 * erased before the agent writes anything else there. It does not disturb a command that writes to
 * the same terminal, nor a shell that has taken the terminal back (Ctrl-Z), and never blocks on a
 * paused terminal (Ctrl-S).
 */
#ifndef OUTPUTS_SUMMARY_STATUS_LINE_H
#define OUTPUTS_SUMMARY_STATUS_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "alumet/run.h"
#include "core/log.h"
#include "tree/view/text.h"

/* In the order of the setting's choices. */
enum progress_when { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };

struct status_line {
	enum progress_when when;
	int fd;                 /* of the terminal; -1: there is none, or nothing should be shown */
	bool is_drawn;          /* it is on the terminal, with nothing of the agent's below it */
	bool has_sink;          /* messages arrive here first */
	struct log_sink behind; /* and are passed on to this sink */
	struct text_signs signs;
	struct run_progress before; /* a second ago: the difference gives the rates */
};

/*
 * The terminal is stderr; if that is not one, with PROGRESS_ALWAYS, the controlling terminal.
 * Returns whether there is a terminal to show the line on. Call status_line_close() either way.
 */
bool status_line_open(struct status_line *line, enum progress_when when);
void status_line_close(struct status_line *line);

/* Call each second; the line is shown from the second second on. */
void status_line_update(struct status_line *line, const struct run_progress *progress,
                        const struct run_info *run);

/* Erase the line for good. */
void status_line_remove(struct status_line *line);

/* What the line shows. */
struct status {
	uint64_t elapsed_ns;
	uint32_t run, runs; /* of a series; runs 0 or 1: there is none */
	bool has_processes;
	uint64_t n_alive, n_ended;
	double cpus_busy;
	bool has_watts;
	double watts;
};

/*
 * "14 s · 12 processes alive, 345 ended · 1.9 CPUs busy · 38.2 W"; abbreviated on a narrow
 * terminal, or else without its last parts. The text takes fewer cells than columns.
 */
void status_text(struct text_line *text, const struct text_signs *signs,
                 const struct status *status, unsigned columns);

#endif
