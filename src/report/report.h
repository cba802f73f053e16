/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reports of saved runs. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

struct report_options {
	const char *const *paths; /* files, or patterns of names; "-": the standard input */
	size_t n_paths;
	const char *format; /* NULL: by the name of the output, else text */
	const char *output; /* NULL: the standard output */
	bool trust_others;  /* as in struct output_context */
	const char *color;  /* of text: "auto", "always" or "never"; NULL: auto */
	/* "cpu", "energy", "wall", or an event; NULL: the default of the format */
	const char *by;
};

/* Whether there is a format of this name. */
int report_has_format(const char *name);

/* The name of the format that a file with this name has, by its suffix; NULL: no suffix tells. */
const char *report_format_of(const char *path);

/* The names of the formats for messages: "text, html, …". */
const char *report_format_names(void);

/* Call visit with the name of each format, and what it is. */
void report_each_format(void (*visit)(void *data, const char *name, const char *what), void *data);

/* The suffix of files in a format: ".html". The format must exist. */
const char *report_suffix(const char *format);

/*
 * Read the files and write the report. Returns 0; -EINVAL for a format or cost that there
 * is not; or another negative errno. All but 0 are logged.
 */
int report_make(const struct report_options *options);

#endif
