/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Findings in their two forms. */
#ifndef DOCTOR_FINDINGS_PRINT_H
#define DOCTOR_FINDINGS_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "core/findings.h"

/*
 * A line for each finding, area by area, and its remedy below it, unless one above has the same.
 * unicode: ✔ and ✘, not words.
 */
void findings_print_text(const struct findings *findings, bool unicode, FILE *out);

/* {"works": …, "findings": [{"area", "subject", "verdict", "detail", "remedy"}, …]} */
void findings_print_json(const struct findings *findings, FILE *out);

#endif
