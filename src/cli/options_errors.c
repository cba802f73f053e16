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
#include "core/text.h"

#define ROWS "the rows are those of processes, each with all the CPUs it ran on"

/* perf stat options that people may type by habit, and what to type instead. */
static const struct {
	char letter;
	const char *name;
	const char *hint;
} foreign_options[] = {
	{'a', "all-cpus", "the whole machine is measured with: alumet-agent watch --all"},
	{'C', "cpu",
         "it follows the command that it starts, on all CPUs; the machine is measured with: "
         "alumet-agent watch --all"},
	{'p', "pid", "what runs already is measured with: alumet-agent watch PID"},
	{'t', "tid", "all threads of a process are measured with: alumet-agent watch PID"},
	{'G', "cgroup", "a cgroup is measured with: alumet-agent watch --cgroup PATH"},
	{'i', "no-inherit", "it always measures the whole tree, with rows for each process"},
	{'x', "field-separator", "set csv_delimiter in [plugins.csv]"},
	{'j', "json-output", "it writes CSV"},
	{'d', "detailed", "name the events with -e"},
	{'D', "delay", "it measures the command from its start to its end"},
	{'A', "no-aggr", ROWS},
	{0, "output", "write -o FILE or --output-file=FILE"},
	{0, "append", "set append = true in [plugins.csv]"},
	{0, "timeout", "write: alumet-agent exec timeout SECONDS COMMAND, or watch --for SECONDS"},
	{0, "interval-print", "write -I MS"},
	{0, "per-core", ROWS},
	{0, "per-socket", ROWS},
	{0, "per-thread", ROWS},
};

/* Search by letter; if that is 0, by name, which ends at "=". */
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

/* The only option whose name begins with this; NULL if there are none or several. */
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

/* getopt sets optopt to a known option's code only if that option takes no argument. */
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

int options_empty_argument(int code)
{
	for (size_t i = 0; option_table[i].name; i++) {
		const struct option_info *info = &option_table[i];

		if (info->code == code)
			log_error("--%s '': the argument is empty; write --%s%s%s", info->name,
			          info->name, option_is_optional(info) ? "" : "=", info->argument);
	}
	return -EINVAL;
}

/* Sub-commands of Alumet's agent and of perf, and what to type here. */
static const struct {
	const char *word;
	const char *hint;
} foreign_actions[] = {
	{"run", "it measures one command: alumet-agent exec COMMAND"},
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

const struct sub_command sub_commands[] = {
	{"exec", ACTION_EXEC, NULL},
	{"watch", ACTION_WATCH, NULL},
	{"doctor", ACTION_DOCTOR, NULL},
	{"calibrate", ACTION_CALIBRATE, NULL},
	{"report", ACTION_REPORT, NULL},
	{"compare", ACTION_COMPARE, NULL},
	{"send", ACTION_SEND, NULL},
	{"config", ACTION_CONFIG_REGEN, "regen"},
	{"plugins", ACTION_PLUGINS_LIST, "list"},
	{NULL, ACTION_EXEC, NULL},
};

#define SUB_COMMANDS_N (sizeof(sub_commands) / sizeof(*sub_commands) - 1)

/* hint is shown if no known name is similar. */
static int unknown_word(const char *word, const char *hint)
{
	const char *names[SUB_COMMANDS_N + 1] = {"help"};
	const char *nearest;

	for (size_t i = 0; i < SUB_COMMANDS_N; i++)
		names[i + 1] = sub_commands[i].word;
	nearest = suggest_nearest(word, names, SUB_COMMANDS_N + 1);
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
	struct text hint = {0};
	int err;

	for (size_t i = 0; i < SUB_COMMANDS_N; i++) {
		const char *between = i == 0                   ? "there are "
		                      : i + 1 < SUB_COMMANDS_N ? ", "
		                                               : " and ";

		text_add_string(&hint, between);
		text_add_string(&hint, sub_commands[i].word);
		if (sub_commands[i].second) {
			text_add_char(&hint, ' ');
			text_add_string(&hint, sub_commands[i].second);
		}
	}
	text_add_char(&hint, '\0');
	err = unknown_word(word, hint.failed ? "see alumet-agent --help" : hint.data);
	text_fini(&hint);
	return err;
}
