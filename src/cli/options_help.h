/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of options, shared by parsing, --help and completion; and the help. */
#ifndef CLI_OPTIONS_HELP_H
#define CLI_OPTIONS_HELP_H

#include <stdio.h>

#include "cli/options.h"

/* The sub-commands that have an option: one bit per action. */
#define FOR(action) (1U << (action))
#define FOR_ALL                                                                                    \
	(FOR(ACTION_EXEC) | FOR(ACTION_CONFIG_REGEN) | FOR(ACTION_PLUGINS_LIST) |                  \
	 FOR(ACTION_DOCTOR) | FOR(ACTION_REPORT) | FOR(ACTION_CALIBRATE) | FOR(ACTION_COMPARE) |   \
	 FOR(ACTION_SEND) | FOR(ACTION_WATCH))

/* getopt's value for an option without a short form. */
enum option_code {
	OPTION_CONFIG = 256,
	OPTION_NO_DEFAULT_CONFIG,
	OPTION_CONFIG_OVERRIDE,
	OPTION_PLUGINS,
	OPTION_WAIT_TREE,
	OPTION_WARMUP,
	OPTION_FAIL_ABOVE,
	OPTION_USER,
	OPTION_SUMMARY,
	OPTION_TRUST_OTHERS,
	OPTION_COLOR,
	OPTION_PROGRESS,
	OPTION_IGNORE_EXIT_CODE,
	OPTION_JSON,
	OPTION_FORMAT,
	OPTION_REPORT,
	OPTION_BY,
	OPTION_PROFILE,
	OPTION_TO,
	OPTION_TOKEN_FILE,
	OPTION_PER_PROCESS,
	OPTION_DRY_RUN,
	OPTION_VERSION,
	OPTION_COMM,
	OPTION_CGROUP,
	OPTION_CONTAINER,
	OPTION_ALL,
	OPTION_FOR,
	OPTION_ACCEPTED, /* an Alumet option, without effect here; logged */
	OPTION_STATUS,   /* Alumet's plugins list option; always on here */
};

struct option_info {
	const char *name; /* without "--"; NULL ends the table */
	int code;         /* its letter, or an option_code */
	const char *argument; /* its name in the help; NULL: takes none; "[=X]": optional */
	unsigned int actions; /* FOR() bits */
	const char *help;     /* lines; NULL: not shown */
};

/* Maximum number of entries in the table, including its end. */
#define OPTIONS_MAX 48

extern const struct option_info option_table[];

/* Whether the argument may be left out. */
static inline bool option_is_optional(const struct option_info *option)
{
	return option->argument && option->argument[0] == '[';
}

/* "exec", "config regen" … */
const char *action_name(enum action action);

/* What it does, in lines. */
const char *action_text(enum action action);

/* The option's help in these sub-commands: some options have a different meaning in one of them. */
const char *option_help(const struct option_info *option, unsigned int actions);

/* The overview of the program, or of one sub-command. */
void options_print_overview(FILE *out);
void options_print_help(FILE *out, enum action action);

/*
 * Version, revision, architecture, compilers, and the libraries in use (for libelf, the version it
 * was built with).
 */
void options_print_version(FILE *out);

#endif
