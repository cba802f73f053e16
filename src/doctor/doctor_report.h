/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an examination found, line by line, and its two forms. */
#ifndef AGENT_DOCTOR_REPORT_H
#define AGENT_DOCTOR_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum report_area {
	AREA_CONFIGURATION,
	AREA_KERNEL,
	AREA_PRIVILEGES,
	AREA_BPF,
	AREA_EVENTS,
	AREA_RAPL,
	AREA_OUTPUT,
	AREA_MACHINE,
	N_AREAS,
};

enum verdict {
	GOOD,
	LACKING, /* something cannot be measured, but exec works */
	FATAL,   /* exec does not work */
};

struct finding {
	enum report_area area;
	enum verdict verdict;
	char *subject; /* "CAP_BPF" */
	char *detail;  /* what is the case; may have several lines */
	char *remedy;  /* the command or setting that mends it; NULL when GOOD */
};

/* A report of zeros is empty. When memory runs out findings are missing, and failed tells. */
struct report {
	struct finding *findings;
	size_t n;
	bool failed;
};

/* Add a finding; the texts are copied. detail is a printf() format. */
void report_add(struct report *report, enum report_area area, enum verdict verdict,
                const char *subject, const char *remedy, const char *detail, ...)
	__attribute__((format(printf, 6, 7)));
void report_free(struct report *report);

/* Whether nothing in the report, or in one area of it, is FATAL. */
bool report_works(const struct report *report);

/* How many findings of an area have the verdict. */
size_t report_count(const struct report *report, enum report_area area, enum verdict verdict);

/*
 * A line for each finding, area by area, and its remedy below it, unless one above has the same.
 * unicode: ✔ and ✘, not words.
 */
void report_print_text(const struct report *report, bool unicode, FILE *out);

/* {"works": …, "findings": [{"area", "subject", "verdict", "detail", "remedy"}, …]} */
void report_print_json(const struct report *report, FILE *out);

#endif
