/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The limits of --fail-above: "5%", "cpu=5%,wall=10%". */
#ifndef COMPARE_LIMITS_H
#define COMPARE_LIMITS_H

#include "compare/verdicts.h"

#define LIMITS_MAX 16

struct limit {
	char name[64];
	double share; /* 0.05 for 5% */
};

struct limits {
	size_t n;
	struct limit items[LIMITS_MAX];
};

/* Returns 0, or -EINVAL after logging what is wrong. text NULL: no limits. */
int limits_parse(const char *text, struct limits *limits);

/*
 * Log which limits are exceeded: the mean of NEW is above that of BASE by more than the share, and
 * neither noise nor estimates explain it. With one run on a side noise is unknown, and is ignored.
 * Returns 0; 1 if a limit is exceeded; or -EINVAL, logged, if the files lack the quantity.
 */
int limits_check(const struct limits *limits, const struct verdicts *verdicts);

#endif
