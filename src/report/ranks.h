/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How evenly the ranks of a job are loaded: for each quantity the least, the most, and the most
 * divided by the mean; and the energy of the hosts, each counted once.
 */
#ifndef REPORT_RANKS_H
#define REPORT_RANKS_H

#include <stdio.h>

#include "core/text.h"
#include "report/jobs.h"
#include "tree/view/scale.h"

enum rank_quantity_id {
	RANK_CPU,
	RANK_WALL,
	RANK_WAIT,
	RANK_MEMORY,
	RANK_ENERGY,
	RANK_QUANTITIES
};

struct rank_quantity {
	const char *title; /* for people */
	const char *name;  /* for programs, as the name of a field */
	enum quantity kind;
	size_t offset; /* of the double in struct report_rank */
};

extern const struct rank_quantity rank_quantities[RANK_QUANTITIES];

/* The value of a quantity of a rank; NaN: unknown. */
double rank_value(const struct report_rank *rank, size_t quantity);

struct rank_balance {
	const struct report_rank *least, *most; /* the first of equals */
	double mean;
	size_t n; /* ranks whose value is known */
};

/* Returns false if fewer than two ranks have the quantity, or all have 0. */
bool rank_balance(const struct report_job *job, size_t quantity, struct rank_balance *balance);

/* The energy of packages and memory of all hosts, each counted once; NaN: not measured. */
double rank_hosts_joules(const struct report_job *job);

/* Append "job 42, step 0: 4 ranks on 2 hosts". */
void rank_add_title(const struct report_job *job, struct text *out);

/* Write the section of a job. Returns 0 or -ENOMEM. */
int report_write_ranks(const struct report_job *job, FILE *out, bool markdown);

#endif
