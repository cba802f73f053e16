/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/command_hint.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

/* Blanks and shell metacharacters; no program has one of them in its name. */
#define SHELL_SIGNS " \t\n;&|<>()$`*?[]{}\"'\\!#~"

/* Builtins and reserved words of the POSIX shell and bash that are not useful as programs. */
static bool is_of_the_shell(const char *name)
{
	static const char *const words[] = {
		".",      ":",      "[[",      "alias",    "bg",      "break",   "builtin",
		"case",   "cd",     "command", "declare",  "eval",    "exec",    "exit",
		"export", "fg",     "for",     "function", "getopts", "hash",    "if",
		"jobs",   "let",    "local",   "popd",     "pushd",   "read",    "readonly",
		"return", "select", "set",     "shift",    "shopt",   "source",  "time",
		"times",  "trap",   "type",    "ulimit",   "umask",   "unalias", "unset",
		"until",  "wait",   "while",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(name, words[i]) == 0)
			return true;
	}
	return false;
}

/* NAME=VALUE, as written before a command. */
static bool is_assignment(const char *word)
{
	const size_t length = strspn(word, "abcdefghijklmnopqrstuvwxyz"
	                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

	return length > 0 && word[length] == '=' && !(word[0] >= '0' && word[0] <= '9');
}

/* As one shell word: in single quotes, with its own single quotes outside of them. */
static void add_quoted(struct text *text, const char *word)
{
	text_add_char(text, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			text_add_string(text, "'\\''");
		else
			text_add_char(text, *word);
	}
	text_add_char(text, '\'');
}

char *command_hint(const char *name)
{
	struct text text = {.data = NULL};

	if (strpbrk(name, SHELL_SIGNS)) {
		text_add_string(&text, "it is a whole shell command line; write: "
		                       "alumet-agent exec sh -c ");
		add_quoted(&text, name);
	} else if (is_assignment(name)) {
		text_add_string(&text, "only a shell sets variables like this; write: "
		                       "alumet-agent exec env ");
		text_add_string(&text, name);
		text_add_string(&text, " COMMAND");
	} else if (is_of_the_shell(name)) {
		text_add_string(&text, "it is part of the shell, not a program; write: "
		                       "alumet-agent exec sh -c '");
		text_add_string(&text, name);
		text_add_string(&text, " ...'");
	} else {
		return NULL;
	}
	text_add_char(&text, '\0');
	if (!text.failed)
		return text.data;
	text_fini(&text);
	return NULL;
}
