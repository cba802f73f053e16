/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What checks of the machine have found, line by line. */
#ifndef CORE_FINDINGS_H
#define CORE_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "alumet/check.h"

struct finding {
	const char *area, *title; /* literals */
	enum verdict verdict;
	char *subject; /* "CAP_BPF" */
	char *detail;  /* what is the case; may have several lines */
	char *remedy;  /* the command or setting that mends it; NULL when GOOD */
};

/* Zeros are none. When memory runs out findings are missing, and failed tells. */
struct findings {
	struct finding *items;
	size_t n;
	bool failed;
};

void findings_free(struct findings *findings);

/* Whether none is FATAL, and none is missing. */
bool findings_work(const struct findings *findings);

#endif
