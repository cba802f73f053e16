/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which differences between two sets of runs are more than noise. */
#ifndef COMPARE_VERDICTS_H
#define COMPARE_VERDICTS_H

#include "compare/samples.h"
#include "compare/statistics.h"

/*
 * If runs do not differ, at most this share of comparisons calls a total different, at most this
 * share a figure of ranks, and at most this share a command.
 */
#define ALPHA 0.05

enum verdict {
	VERDICT_UNKNOWN, /* a side has a single run: noise is unknown */
	VERDICT_SAME,    /* equal, or not distinguishable from noise */
	VERDICT_MORE,
	VERDICT_LESS,
};

/* One quantity of one line, on both sides. */
struct test {
	size_t line;
	const struct sample_quantity *quantity;
	struct sample base, changed;
	struct difference difference;
	enum verdict verdict;
	double base_estimated, changed_estimated; /* by how much the means may be wrong */
	size_t needed; /* of a total: runs on each side that would find it; 0: unknown */
};

struct verdicts {
	/* The whole run, then ranks, both by quantity; then commands by p, the smallest first. */
	size_t n_totals, n_ranks, n;
	struct test *tests;
	size_t *came, *went; /* lines that only one side has, the costliest first */
	size_t n_came, n_went;
};

/* Returns 0 or -ENOMEM; call verdicts_fini() in both cases. */
int verdicts_make(const struct samples *samples, struct verdicts *verdicts);
void verdicts_fini(struct verdicts *verdicts);

/* The index of the first test of a command. */
static inline size_t verdicts_commands(const struct verdicts *verdicts)
{
	return verdicts->n_totals + verdicts->n_ranks;
}

/* Half the width of the difference's confidence interval at ALPHA, as if it were the only test. */
double test_margin(const struct test *test);

/*
 * Whether the sides differ, but by no more than estimates may be wrong: the difference may really
 * be another process's.
 */
bool test_is_within_estimates(const struct test *test);

/* The difference as a share of base; infinite if base is 0. */
double test_ratio(const struct test *test);

#endif
