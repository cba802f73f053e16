/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks of the command line as a whole, once each option is valid. */
#ifndef CLI_OPTIONS_CHECK_H
#define CLI_OPTIONS_CHECK_H

#include <stdbool.h>

#include "cli/options.h"

/*
 * Check that the sub-command has the options that were given (by their index in option_table) and
 * everything it needs. Set the log level, so that -q also silences the warnings of this check, the
 * command, and the defaults that depend on other options. rest: the remaining words,
 * NULL-terminated, in main's argv. Returns 0 or -EINVAL, logged.
 */
int options_check(struct options *options, const bool *given, char **rest);

#endif
