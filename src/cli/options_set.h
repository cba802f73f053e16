/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Check option arguments and store them in struct options. Each function returns 0, -EINVAL if the
 * argument is wrong, or -ENOMEM; errors are logged.
 */
#ifndef CLI_OPTIONS_SET_H
#define CLI_OPTIONS_SET_H

#include "cli/options.h"

/* What --summary, and --color and --progress can be; NULL ends a list. */
extern const char *const options_summary_modes[];
extern const char *const options_whens[];

/* Keeps the pointer. */
int options_add_override(struct options *options, const char *toml);

/* Names separated by commas; duplicates are not added. */
int options_add_plugins(struct options *options, const char *list);

/* Adds to the events given so far. */
int options_add_events(struct options *options, const char *events);

/* A number of milliseconds, as with perf, or a duration with units; 0 is allowed. */
int options_set_interval(struct options *options, const char *text);

/* "auto", "always" or "never"; option: "--color" or "--progress", for the message. */
int options_set_when(const char *option, const char *text, const char **when);

/* MODE or MODE:FILE. */
int options_set_summary(struct options *options, const char *text);

/* A count: an integer from least to 100 000. */
int options_set_count(const char *option, const char *text, uint32_t least, uint32_t *count);

/* A report format, given to the option. Keeps the pointer. */
int options_set_format(const char *option, const char *name, const char **format);

/* --for: a number of seconds, or a duration with units; not 0. */
int options_set_for(struct options *options, const char *text);

/* What to watch. All keep the pointer. */
int options_add_pid(struct options *options, const char *word);
int options_add_comm(struct options *options, const char *name);
int options_add_cgroup(struct options *options, const char *path);
int options_add_container(struct options *options, const char *id);

/* A file for report. Keeps the pointer. */
int options_add_file(struct options *options, const char *path);

/* Keeps the pointer. */
int options_set_user(struct options *options, const char *name);

/* Both keep the pointer. The output "-" and "=FILE" are refused: something else was meant. */
int options_add_output(struct options *options, const char *path);
int options_set_config(struct options *options, const char *path);

#endif
