/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prints findings as text or as JSON. */
#ifndef DOCTOR_FINDINGS_PRINT_H
#define DOCTOR_FINDINGS_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "core/findings.h"

/*
 * Print a line for each finding, area by area, with its remedy below it, unless an earlier finding
 * has the same one. unicode: ✔ and ✘ instead of words.
 */
void findings_print_text(const struct findings *findings, bool unicode, FILE *out);

/* {"works": …, "findings": [{"area", "subject", "verdict", "detail", "remedy"}, …]} */
void findings_print_json(const struct findings *findings, FILE *out);

#endif
