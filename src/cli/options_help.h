/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of options that parsing, --help, completion and manual page agree on, and the help. */
#ifndef AGENT_OPTIONS_HELP_H
#define AGENT_OPTIONS_HELP_H

#include <stdio.h>

#include "cli/options.h"

/* Which sub-commands know an option: one bit for each action. */
#define FOR(action) (1U << (action))
#define FOR_ALL                                                                                    \
	(FOR(ACTION_EXEC) | FOR(ACTION_CONFIG_REGEN) | FOR(ACTION_PLUGINS_LIST) |                  \
	 FOR(ACTION_DOCTOR) | FOR(ACTION_REPORT) | FOR(ACTION_CALIBRATE) | FOR(ACTION_COMPARE))

/* getopt's value of an option without a short form. */
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
	OPTION_IGNORE_EXIT_CODE,
	OPTION_JSON,
	OPTION_FORMAT,
	OPTION_REPORT,
	OPTION_BY,
	OPTION_VERSION,
	OPTION_ACCEPTED, /* Alumet's, without effect here, said */
	OPTION_NAMES,    /* for the completion: plugins list without checks */
	OPTION_STATUS,   /* Alumet's for plugins list, which does that anyway */
};

struct option_info {
	const char *name;     /* without "--"; NULL ends the table */
	int code;             /* its letter, or an option_code */
	const char *argument; /* what it is called in the help; NULL: takes none */
	unsigned int actions; /* FOR() bits */
	const char *help;     /* lines; NULL: not shown */
};

/* Most entries of the table, its end included. */
#define OPTIONS_MAX 40

extern const struct option_info option_table[];

/* "exec", "config regen" … */
const char *action_name(enum action action);

/* The overview of the program, or of one sub-command. */
void options_print_overview(FILE *out);
void options_print_help(FILE *out, enum action action);

/* Version, git revision, libraries, compiler, architecture. */
void options_print_version(FILE *out);

#endif
