/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Words of the command line that fit nothing, and what was probably meant. Each function tells the
 * user and returns -EINVAL.
 */
#ifndef AGENT_OPTIONS_ERRORS_H
#define AGENT_OPTIONS_ERRORS_H

#include <stdbool.h>

/* Whether word, up to a '=', is the whole name of a long option, without its "--". */
bool options_has_long(const char *word);

/* A long option, without its "--", that is none. */
int options_refuse_long(const char *word);

/*
 * getopt_long() has just returned '?': an unknown letter, or an argument for an option that takes
 * none; its optopt tells which. word: argv[optind - 1].
 */
int options_refuse(const char *word);

/* getopt_long() has just returned ':'. word: argv[optind - 1]. */
int options_missing_argument(const char *word);

/* A first word that is no sub-command. */
int options_unknown_action(const char *word);

/* The word after "help" that is none. */
int options_unknown_topic(const char *word);

#endif
