/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/options_errors.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_help.h"
#include "core/log.h"
#include "core/suggest.h"

#define FOLLOWS "it follows the command that it starts; "
#define ROWS "the rows are those of processes, each with all the CPUs it ran on"

/* Options of perf stat that fingers know, and what to do here. */
static const struct {
	char letter;
	const char *name;
	const char *hint;
} foreign_options[] = {
	{'a', "all-cpus", FOLLOWS "whole CPUs cannot be attached to"},
	{'C', "cpu", FOLLOWS "whole CPUs cannot be attached to"},
	{'p', "pid", FOLLOWS "a running process cannot be attached to"},
	{'t', "tid", FOLLOWS "a running thread cannot be attached to"},
	{'G', "cgroup", FOLLOWS "a cgroup cannot be attached to"},
	{'i', "no-inherit", "it always measures the whole tree, with rows for each process"},
	{'x', "field-separator", "set csv_delimiter in [plugins.csv]"},
	{'j', "json-output", "it writes CSV"},
	{'d', "detailed", "name the events with -e"},
	{'D', "delay", "it measures the command from its start to its end"},
	{'A', "no-aggr", ROWS},
	{0, "output", "write -o FILE or --output-file=FILE"},
	{0, "append", "set append = true in [plugins.csv]"},
	{0, "timeout", "write: alumet-agent exec timeout SECONDS COMMAND"},
	{0, "interval-print", "write -I MS"},
	{0, "per-core", ROWS},
	{0, "per-socket", ROWS},
	{0, "per-thread", ROWS},
};

/* letter 0: by name, which ends at a "=". */
static bool refuse_foreign(char letter, const char *name)
{
	const size_t length = strcspn(name, "=");

	for (size_t i = 0; i < sizeof(foreign_options) / sizeof(foreign_options[0]); i++) {
		const char *foreign = foreign_options[i].name;

		if (letter && letter == foreign_options[i].letter)
			log_error("this program has no option -%c; %s", letter,
			          foreign_options[i].hint);
		else if (!letter && strlen(foreign) == length &&
		         strncmp(foreign, name, length) == 0)
			log_error("this program has no option --%s; %s", foreign,
			          foreign_options[i].hint);
		else
			continue;
		return true;
	}
	return false;
}

bool options_has_long(const char *word)
{
	const size_t length = strcspn(word, "=");

	for (size_t i = 0; option_table[i].name; i++) {
		if (strlen(option_table[i].name) == length &&
		    strncmp(option_table[i].name, word, length) == 0)
			return true;
	}
	return false;
}

/* The only option whose name begins so, NULL for none or several. */
static const char *find_abbreviated(const char *beginning)
{
	const char *found = NULL;

	for (size_t i = 0; option_table[i].name; i++) {
		if (strncmp(option_table[i].name, beginning, strlen(beginning)) != 0)
			continue;
		if (found)
			return NULL;
		found = option_table[i].name;
	}
	return found;
}

static void unknown_long_option(const char *word)
{
	const char *names[OPTIONS_MAX];
	char *name = strndup(word, strcspn(word, "="));
	const char *nearest;
	size_t n = 0;

	for (; option_table[n].name; n++)
		names[n] = option_table[n].name;
	nearest = name && *name ? find_abbreviated(name) : NULL;
	if (name && !nearest)
		nearest = suggest_nearest(name, names, n);
	if (nearest)
		log_error("unknown option --%s; did you mean --%s?", name, nearest);
	else
		log_error("unknown option --%s\n'alumet-agent --help' lists the options",
		          name ? name : word);
	free(name);
}

int options_refuse_long(const char *word)
{
	if (!refuse_foreign(0, word))
		unknown_long_option(word);
	return -EINVAL;
}

static bool is_known_code(int code)
{
	for (size_t i = 0; option_table[i].name; i++) {
		if (option_table[i].code == code)
			return true;
	}
	return false;
}

/* Only for an argument that is too much does getopt leave the code of an option in optopt. */
int options_refuse(const char *word)
{
	if (optopt != 0 && is_known_code(optopt))
		log_error("%.*s takes no argument", (int)strcspn(word, "="), word);
	else if (optopt != 0 && refuse_foreign((char)optopt, ""))
		return -EINVAL;
	else
		log_error("unknown option -%c\n'alumet-agent --help' lists the options", optopt);
	return -EINVAL;
}

int options_missing_argument(const char *word)
{
	for (size_t i = 0; option_table[i].name; i++) {
		const struct option_info *info = &option_table[i];

		if (info->code == optopt && info->argument) {
			log_error("%s needs an argument: %s", word, info->argument);
			break;
		}
	}
	return -EINVAL;
}

/* Sub-commands of Alumet's agent and of perf, and what to do here. */
static const struct {
	const char *word;
	const char *hint;
} foreign_actions[] = {
	{"run", "it measures one command: alumet-agent exec COMMAND"},
	{"watch", "it measures one command: alumet-agent exec COMMAND"},
	{"stat", "write: alumet-agent exec COMMAND"},
	{"record", "write: alumet-agent exec COMMAND"},
	{"regen-config", "write: alumet-agent config regen"},
	{"list-plugins", "write: alumet-agent plugins list"},
	{"list", "write: alumet-agent plugins list; alumet-agent doctor lists events"},
	{"version", "write: alumet-agent --version"},
};

static bool refuse_foreign_action(const char *word)
{
	for (size_t i = 0; i < sizeof(foreign_actions) / sizeof(foreign_actions[0]); i++) {
		if (strcmp(word, foreign_actions[i].word) == 0) {
			log_error("this program has no sub-command '%s'; %s", word,
			          foreign_actions[i].hint);
			return true;
		}
	}
	return false;
}

/* hint is for when no name is near. */
static int unknown_word(const char *word, const char *hint)
{
	static const char *const names[] = {"exec",   "report",    "config", "plugins",
	                                    "doctor", "calibrate", "help"};
	const char *nearest = suggest_nearest(word, names, sizeof(names) / sizeof(names[0]));

	if (refuse_foreign_action(word))
		return -EINVAL;
	if (nearest)
		log_error("unknown sub-command '%s'; did you mean %s?", word, nearest);
	else
		log_error("unknown sub-command '%s'; %s", word, hint);
	return -EINVAL;
}

int options_unknown_action(const char *word)
{
	char *hint = NULL;
	int err;

	if (asprintf(&hint, "to measure a command of that name write: alumet-agent exec %s", word) <
	    0)
		hint = NULL;
	err = unknown_word(word, hint ? hint : "write: alumet-agent exec COMMAND");
	free(hint);
	return err;
}

int options_unknown_topic(const char *word)
{
	return unknown_word(word, "there are exec, report, config regen, plugins list, doctor and "
	                          "calibrate");
}
