/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Words of the command line that fit nothing, and what was probably meant. Each function tells the
 * user and returns -EINVAL.
 */
#ifndef AGENT_OPTIONS_ERRORS_H
#define AGENT_OPTIONS_ERRORS_H

/*
 * getopt_long() has just returned '?': an unknown or ambiguous option, or an argument for one that
 * takes none; its optopt tells which. word: argv[optind - 1].
 */
int options_refuse(const char *word);

/* getopt_long() has just returned ':'. word: argv[optind - 1]. */
int options_missing_argument(const char *word);

/* A first word that is no sub-command. */
int options_unknown_action(const char *word);

/* The word after "help" that is none. */
int options_unknown_topic(const char *word);

#endif
