/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/options_errors.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agent/options_help.h"
#include "core/log.h"
#include "core/suggest.h"

static void unknown_long_option(const char *word)
{
	const char *names[OPTIONS_MAX];
	char *name = strndup(word, strcspn(word, "="));
	const char *nearest;
	size_t n = 0;

	for (; option_table[n].name; n++)
		names[n] = option_table[n].name;
	nearest = name ? suggest_nearest(name, names, n) : NULL;
	if (nearest)
		log_error("unknown option --%s; did you mean --%s?", name, nearest);
	else
		log_error("unknown option --%s\n'alumet-agent --help' lists the options",
		          name ? name : word);
	free(name);
}

static bool is_prefix_of_an_option(const char *word)
{
	const size_t length = strcspn(word, "=");

	for (size_t i = 0; option_table[i].name; i++) {
		if (length > 0 && strncmp(option_table[i].name, word, length) == 0)
			return true;
	}
	return false;
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
	else if (optopt != 0)
		log_error("unknown option -%c\n'alumet-agent --help' lists the options", optopt);
	else if (is_prefix_of_an_option(word + 2))
		log_error("%s could be several options; write it in full", word);
	else
		unknown_long_option(word + 2);
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

/* Alumet's other modes, and what to do here. */
static const struct {
	const char *word;
	const char *hint;
} foreign_actions[] = {
	{"run", "it measures one command: alumet-agent exec COMMAND"},
	{"watch", "it measures one command: alumet-agent exec COMMAND"},
	{"regen-config", "write: alumet-agent config regen"},
	{"list-plugins", "write: alumet-agent plugins list"},
};

int options_unknown_action(const char *word)
{
	static const char *const names[] = {"exec", "config", "plugins", "doctor", "help"};
	const char *nearest = suggest_nearest(word, names, sizeof(names) / sizeof(names[0]));

	for (size_t i = 0; i < sizeof(foreign_actions) / sizeof(foreign_actions[0]); i++) {
		if (strcmp(word, foreign_actions[i].word) == 0) {
			log_error("this program has no sub-command '%s'; %s", word,
			          foreign_actions[i].hint);
			return -EINVAL;
		}
	}
	if (nearest)
		log_error("unknown sub-command '%s'; did you mean %s?", word, nearest);
	else
		log_error("unknown sub-command '%s'; to measure a command of that name write: "
		          "alumet-agent exec %s",
		          word, word);
	return -EINVAL;
}
