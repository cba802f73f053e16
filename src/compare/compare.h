/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What several saved runs cost, and what changed between two sets of them. */
#ifndef COMPARE_COMPARE_H
#define COMPARE_COMPARE_H

#include <stdbool.h>
#include <stdio.h>

struct compare_options {
	const char *base, *changed; /* a file, or a pattern of names */
	const char *format;         /* "text", "markdown", "json"; NULL: text */
	const char *limits;         /* --fail-above; NULL: none */
	const char *output;         /* NULL: the standard output */
	bool trust_others;          /* as in struct output_context */
};

/*
 * Compare and write. Returns 0; 1 when a limit is exceeded, which has been said; -EINVAL when the options
 * are wrong, or another negative errno; all logged.
 */
int compare_make(const struct compare_options *options);

/*
 * The summary of a series: of each line mean, standard deviation, least and most, and which runs stand
 * apart. Returns 0 or a negative errno, logged.
 */
int compare_series(const char *path, const char *format, FILE *out);

#endif
