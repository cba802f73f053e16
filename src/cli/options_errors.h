/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Errors for unknown words on the command line, with what was probably meant. Each function logs
 * the error and returns -EINVAL.
 */
#ifndef CLI_OPTIONS_ERRORS_H
#define CLI_OPTIONS_ERRORS_H

#include <stdbool.h>

#include "cli/options.h"

/* Whether word, up to a '=', is the full name of a long option, without its "--". */
bool options_has_long(const char *word);

/* An unknown long option, without its "--". */
int options_refuse_long(const char *word);

/*
 * getopt_long() has just returned '?' for an unknown letter, or for an argument to an option that
 * takes none; it is in optopt. word: argv[optind - 1].
 */
int options_refuse(const char *word);

/* getopt_long() has just returned ':'. word: argv[optind - 1]. */
int options_missing_argument(const char *word);

/* The option's argument is empty. */
int options_empty_argument(int code);

/* The sub-commands except "help", in manual page order; word is NULL in the last entry. */
extern const struct sub_command {
	const char *word;
	enum action action;
	const char *second; /* word, or NULL */
} sub_commands[];

/* The first word is not a sub-command. */
int options_unknown_action(const char *word);

/* The word after "help" is not a sub-command. */
int options_unknown_topic(const char *word);

#endif
