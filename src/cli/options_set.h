/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The arguments of options, checked and put into struct options. Each function returns 0, -EINVAL
 * when the argument is wrong, -ENOMEM; the user has been told.
 */
#ifndef AGENT_OPTIONS_SET_H
#define AGENT_OPTIONS_SET_H

#include "cli/options.h"

/* Keeps the pointer. */
int options_add_override(struct options *options, const char *toml);

/* Names separated by commas; one that is there already is not added again. */
int options_add_plugins(struct options *options, const char *list);

/* Adds to the events given so far. */
int options_add_events(struct options *options, const char *events);

/* A number of milliseconds, as perf has it, or a duration with units; 0 is one. */
int options_set_interval(struct options *options, const char *text);

/* "none", "short" or "full". */
int options_set_color(struct options *options, const char *text);
int options_set_summary(struct options *options, const char *text);

/* How often: a whole number from least to 100 000. */
int options_set_count(const char *option, const char *text, uint32_t least, uint32_t *count);

/* A format of reports, given to the option. Keeps the pointer. */
int options_set_format(const char *option, const char *name, const char **format);

/* A file of report. Keeps the pointer. */
int options_add_file(struct options *options, const char *path);

/* Keeps the pointer. */
int options_set_user(struct options *options, const char *name);

/* Both keep the pointer. For the output "-" and "=FILE" are refused: something else was meant. */
int options_add_output(struct options *options, const char *path);
int options_set_config(struct options *options, const char *path);

#endif
