/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The run of a command, as transforms and outputs are told of it: how it began and how it ended. */
#ifndef ALUMET_RUN_H
#define ALUMET_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/metric.h"

/* Valid from open() on, but for what is known only once the command has been started. */
struct run_info {
	char *const *argv; /* of the command, NULL-terminated */
	uint32_t number;   /* of a series: which run this is, from 1 */
	uint32_t repeats;  /* how many runs the series has; 0 or 1: this is the only one */
	/* From begin() on: */
	uint32_t pid;
	uint64_t start_ns;          /* CLOCK_MONOTONIC, before the command was started */
	uint64_t start_realtime_ns; /* the same moment in ns since the epoch */
};

/* What a line of a plugin's report tells. */
enum report_kind {
	REPORT_LOSS, /* something is missing in the output: shown however quiet the agent is */
	REPORT_NOTE,
};

/* One line that a plugin reported: what was lost or skipped, with its number. */
struct run_notice {
	enum report_kind kind;
	const char *line;
};

/* A number of the run as a whole that a transform computed, for summaries: "others", 120.3 J. */
struct run_figure {
	const char *label;
	double value;
	const struct unit *unit;
	const char *note; /* how it was found, in a few words; or NULL */
};

/* How the run ended. Everything in it is valid during end() only. */
struct run_end {
	uint64_t wall_ns; /* from the start of the command to its end */
	int wait_status;  /* of the command, as waitpid() gives it; meaningless if detached */
	bool detached;    /* the run was ended by request; the command goes on */
	size_t n_notices;
	const struct run_notice *notices;
	size_t n_figures;
	const struct run_figure *figures; /* in the order in which they were added */
	size_t n_paths; /* files that outputs have written */
	const char *const *paths;
};

#endif
