/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The results of checks of the machine, one per line of output. */
#ifndef CORE_FINDINGS_H
#define CORE_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "alumet/check.h"

struct finding {
	const char *area, *title; /* literals */
	enum verdict verdict;
	char *subject; /* "CAP_BPF" */
	char *detail;  /* what was found; may have several lines */
	char *remedy;  /* the command or setting that fixes it; NULL when GOOD */
};

/* A zeroed struct is empty. failed: memory ran out, so that findings are missing. */
struct findings {
	struct finding *items;
	size_t n;
	bool failed;
};

void findings_free(struct findings *findings);

/* Whether no finding is FATAL, and none is missing. */
bool findings_work(const struct findings *findings);

#endif
