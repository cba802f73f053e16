/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs whose command failed. They are compared, because a test suite with one failure still costs
 * what it costs; and they are listed, because a run that fails early is cheap.
 */
#ifndef COMPARE_FAILED_H
#define COMPARE_FAILED_H

#include "compare/samples.h"

/* How many of the n columns from first on are failed runs. */
size_t failed_count(const struct samples *samples, size_t first, size_t n);

/*
 * Append a line if any of them failed: "2 of 6 runs of base failed: run 2 (exit 3), …". side:
 * " of base", or "". with_file: name the runs' files, too. markdown: escape the names.
 */
void failed_add_line(const struct samples *samples, size_t first, size_t n, const char *side,
                     bool with_file, bool markdown, struct text *out);

/* Append a JSON object for each of them. side: "base", or NULL. */
void failed_add_json(const struct samples *samples, size_t first, size_t n, const char *side,
                     struct text *out);

#endif
