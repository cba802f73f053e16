/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/complete.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/complete_values.h"
#include "cli/options_errors.h"
#include "core/exit_status.h"
#include "core/log_write.h"

/* What the words before the last one have determined. */
struct line {
	bool only_words; /* after "--" */
	bool has_action, help;
	enum action action;
	const char *second;                /* word that the sub-command still needs; NULL: none */
	const struct option_info *pending; /* the last word is its argument; NULL: none */
	size_t command;                    /* index of the command's name; 0: none yet */
};

static const struct option_info *find_long(const char *name)
{
	const size_t length = strcspn(name, "=");

	for (const struct option_info *info = option_table; info->name; info++) {
		if (strlen(info->name) == length && strncmp(info->name, name, length) == 0)
			return info;
	}
	return NULL;
}

static const struct option_info *find_short(char letter)
{
	for (const struct option_info *info = option_table; info->name; info++) {
		if (info->code == letter)
			return info;
	}
	return NULL;
}

/*
 * The option in the word that takes an argument, and *begin, where it begins in the word, or the
 * word's end; NULL: there is none.
 */
static const struct option_info *find_argument(const char *word, size_t *begin)
{
	const struct option_info *info;

	if (strncmp(word, "--", 2) == 0) {
		info = find_long(word + 2);
		*begin = strcspn(word, "=");
		*begin += word[*begin] == '=';
		return info && info->argument ? info : NULL;
	}
	for (size_t i = 1; word[i]; i++) {
		info = find_short(word[i]);
		*begin = i + 1;
		if (!info || info->argument)
			return info;
	}
	return NULL;
}

static void take_action(struct line *line, const char *word)
{
	if (!line->has_action && strcmp(word, "help") == 0) {
		line->help = true;
		return;
	}
	for (const struct sub_command *command = sub_commands; command->word; command++) {
		if (strcmp(word, command->word) != 0)
			continue;
		line->has_action = true;
		line->action = command->action;
		line->second = command->second;
	}
}

/* Take a word before the last one. */
static void take_word(struct line *line, const char *word, size_t index)
{
	const bool takes_command = line->has_action && line->action == ACTION_EXEC && !line->help;
	size_t begin;

	if (line->pending) {
		line->pending = NULL;
	} else if (!line->only_words && strcmp(word, "--") == 0) {
		line->only_words = true;
	} else if (!line->only_words && word[0] == '-' && word[1]) {
		line->pending = find_argument(word, &begin);
		if (line->pending &&
		    (word[begin] || word[begin - 1] == '=' || option_is_optional(line->pending)))
			line->pending = NULL;
	} else if (takes_command) {
		line->command = index;
	} else if (!line->has_action) {
		take_action(line, word);
	} else {
		line->second = NULL;
	}
}

static void offer_options(struct value_place place)
{
	const unsigned int actions = place.has_action ? FOR(place.action) : FOR_ALL;
	char name[64];

	place.begin = 0;
	for (const struct option_info *info = option_table; info->name; info++) {
		if (!info->help || !(info->actions & actions))
			continue;
		if (info->code < OPTION_CONFIG) {
			snprintf(name, sizeof(name), "-%c", info->code);
			complete_offer(place, name, option_help(info, actions));
		}
		snprintf(name, sizeof(name), "--%s", info->name);
		complete_offer(place, name, option_help(info, actions));
	}
}

static void offer_actions(const struct line *line, struct value_place place)
{
	for (const struct sub_command *command = sub_commands; command->word; command++)
		complete_offer(place, command->word, action_text(command->action));
	if (!line->help)
		complete_offer(place, "help", "Show help");
}

static void offer_words(const struct line *line, struct value_place place, size_t index)
{
	if (!line->has_action) {
		offer_actions(line, place);
		return;
	}
	if (line->second)
		complete_offer(place, line->second, action_text(line->action));
	if (line->help)
		return;
	if (line->action == ACTION_EXEC)
		printf(":command %zu\n", line->command ? line->command : index);
	else if (line->action == ACTION_WATCH)
		complete_pids(place);
	else if (line->action == ACTION_REPORT || line->action == ACTION_COMPARE ||
	         line->action == ACTION_SEND)
		puts(":files ");
}

static void complete_last(const struct line *line, const char *word, size_t index)
{
	struct value_place place = {word, 0, line->action, line->has_action};
	const struct option_info *option;
	size_t begin;

	if (line->pending && !line->command) {
		complete_value(line->pending, place);
	} else if (line->command || line->only_words || word[0] != '-') {
		offer_words(line, place, index);
	} else {
		option = word[1] ? find_argument(word, &begin) : NULL;
		if (option && (word[1] != '-' || word[begin - 1] == '=')) {
			place.begin = begin;
			complete_value(option, place);
		} else {
			offer_options(place);
		}
	}
}

int complete(char *const *words)
{
	struct line line = {0};
	size_t i = 0;

	if (words[0]) {
		for (; words[i + 1] && !line.command; i++)
			take_word(&line, words[i], i + 1);
		complete_last(&line, words[i], i + 1);
	}
	return log_flush_output("the candidates") ? EXIT_AGENT : EXIT_SUCCESS;
}
