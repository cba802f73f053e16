/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The run of a command, for transforms and outputs: its begin, progress and end. */
#ifndef ALUMET_RUN_H
#define ALUMET_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/metric.h"

/* Valid from open() on, except for what is only known after the command was started. */
struct run_info {
	/* The command, or the targets of a watch as the user wrote them; NULL-terminated. */
	char *const *argv;
	const char *watched; /* the targets of a watch, "nginx (1234)"; NULL: a command */
	uint32_t number;     /* of a series: the number of this run, from 1 */
	const char *id;      /* of this run, or of the job that it belongs to: linux/identity.h */
	uint32_t repeats; /* number of runs in the series; 0 or 1: this is the only one */
	/* From begin() on: */
	uint32_t pid;
	uint64_t start_ns;          /* CLOCK_MONOTONIC, before the command was started */
	uint64_t start_realtime_ns; /* the same time in ns since the epoch */
};

/* The progress of a run. A value that no source reports is false or 0. */
struct run_progress {
	uint64_t now_ns; /* CLOCK_MONOTONIC, like all below */
	bool has_processes;
	uint64_t n_alive, n_ended; /* processes */
	uint64_t cpu_ns;           /* CPU time that they have used until cpu_at_ns */
	uint64_t cpu_at_ns;
	bool has_energy;
	double joules; /* of the packages, until joules_at_ns; may begin before the run */
	uint64_t joules_at_ns;
};

/* The subject of a line in a plugin's report. */
enum report_kind {
	REPORT_LOSS, /* something is missing from the output: shown even with -q */
	REPORT_NOTE,
};

/* A line that a plugin has reported: what was lost or omitted, with its number. */
struct run_notice {
	enum report_kind kind;
	const char *line;
};

/* A number for the whole run that a transform has computed, for summaries: "others", 120.3 J. */
struct run_figure {
	const char *label;
	double value;
	const struct unit *unit;
	const char *note; /* how it was computed, a short phrase; or NULL */
};

/* The end of a run. Everything is valid during end() only. */
struct run_end {
	uint64_t wall_ns; /* from the start of the command to its end */
	int wait_status;  /* of the command, as from waitpid(); meaningless if detached */
	bool detached;    /* the run was ended on request, and the command goes on */
	bool interrupted; /* the same after the end of the command: with --wait-tree */
	size_t n_notices;
	const struct run_notice *notices;
	size_t n_figures;
	const struct run_figure *figures; /* in the order in which they were added */
	size_t n_paths;                   /* files that outputs have written */
	const char *const *paths;
};

#endif
