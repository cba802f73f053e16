/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stacks and samples of a Firefox profile: processes, and the functions in them. For
 * format_firefox.c only.
 */
#ifndef REPORT_FIREFOX_STACKS_H
#define REPORT_FIREFOX_STACKS_H

#include "report/fold.h"
#include "report/functions.h"

struct firefox_stack {
	uint32_t prefix; /* the stack that this one extends */
	const struct report_text *label;
};

struct firefox_sample {
	uint32_t stack;
	uint64_t time_ns;
	double cpu_ns;
};

struct firefox_stacks {
	/* Stacks 0 to n - 1 are the nodes of the fold; those of functions follow. */
	size_t n;
	struct firefox_stack *stacks;
	size_t n_samples;
	struct firefox_sample *samples; /* by process */
};

/*
 * Make a sample at the begin of each process, with the CPU time that belongs to no function,
 * followed by one for each of its functions. Returns 0 or -ENOMEM.
 */
int firefox_stacks_make(const struct report_data *data, const struct fold *fold,
                        struct firefox_stacks *stacks);
void firefox_stacks_fini(struct firefox_stacks *stacks);

#endif
