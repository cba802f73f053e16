/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What several saved runs cost, and what changed between two sets of them. */
#ifndef COMPARE_COMPARE_H
#define COMPARE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct compare_options {
	const char *base, *changed; /* a file, or a pattern of names */
	const char *format;         /* "text", "markdown", "json"; NULL: text */
	const char *limits;         /* --fail-above; NULL: none */
	const char *output;         /* NULL: the standard output */
	bool trust_others;          /* as in struct output_context */
};

/* Call visit with the name of each format, and what it is. */
void compare_each_format(void (*visit)(void *data, const char *name, const char *what), void *data);

/*
 * Compare and write the result. Returns 0; 1 if a limit is exceeded; -EINVAL if the options are
 * wrong; or another negative errno. All but 0 are logged.
 */
int compare_make(const struct compare_options *options);

/*
 * Write the summary of a series, the last n_runs of the file: mean, standard deviation, minimum and
 * maximum of each line, and which runs are outliers. Returns 0 or a negative errno, logged.
 */
int compare_series(const char *path, size_t n_runs, const char *format, FILE *out);

#endif
