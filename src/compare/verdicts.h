/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which differences between two sets of runs are more than noise. */
#ifndef COMPARE_VERDICTS_H
#define COMPARE_VERDICTS_H

#include "compare/samples.h"
#include "compare/statistics.h"

/*
 * Of comparisons of runs that do not differ, at most this share has a total that is called different,
 * and at most this share a command.
 */
#define ALPHA 0.05

enum verdict {
	VERDICT_UNKNOWN, /* a side has a single run: nothing is known of noise */
	VERDICT_SAME,    /* equal, or not told apart from noise */
	VERDICT_MORE,
	VERDICT_LESS,
};

/* One quantity of one line, on both sides. */
struct test {
	size_t line, quantity;
	struct sample base, changed;
	struct difference difference;
	enum verdict verdict;
	size_t needed; /* of a total: runs on each side that would tell such a difference; 0: unknown */
};

struct verdicts {
	size_t n_totals,
		n; /* the whole run first, then commands: what differs, by its p, then the rest */
	struct test *tests;
	size_t *came, *went; /* lines that only one side has */
	size_t n_came, n_went;
};

/* Returns 0 or -ENOMEM; to be freed in both cases. */
int verdicts_make(const struct samples *samples, struct verdicts *verdicts);
void verdicts_fini(struct verdicts *verdicts);

/* Half the width of the difference's interval at ALPHA, for it alone. */
double test_margin(const struct test *test);

/* The difference as a share of base; an infinite one where base has nothing. */
double test_ratio(const struct test *test);

#endif
