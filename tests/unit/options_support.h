/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Command lines, and what is told of them. */
#ifndef TESTS_UNIT_OPTIONS_SUPPORT_H
#define TESTS_UNIT_OPTIONS_SUPPORT_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "unit/messages.h"

#define WORDS_MAX 32

/* A command line, split at blanks, parsed. What was told stands in told. */
struct line {
	char text[512];
	char *argv[WORDS_MAX];
	int argc;
	int result;
	struct options options;
	const char *told;
	struct messages messages;
};

static inline void parse_to(struct line *line, const char *text, int target)
{
	char *rest = NULL;

	snprintf(line->text, sizeof(line->text), "alumet-agent %s", text);
	line->argc = 0;
	for (char *word = strtok_r(line->text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		line->argv[line->argc++] = word;
	line->argv[line->argc] = NULL;

	messages_catch(&line->messages, target);
	line->result = options_parse(line->argc, line->argv, &line->options);
	line->told = messages_text(&line->messages);
}

static inline void parse(struct line *line, const char *text)
{
	parse_to(line, text, STDERR_FILENO);
}

static inline void good(struct line *line, const char *text)
{
	parse(line, text);
	if (line->result != 0)
		fail_msg("'%s' is refused: %s", text, line->told);
	assert_string_equal(line->told, "");
}

/* Refused as a bad command line, and every one of the phrases is told. */
static inline void bad(const char *text, const char *phrase)
{
	struct line line;

	parse(&line, text);
	assert_int_equal(line.result, -EINVAL);
	if (!strstr(line.told, phrase))
		fail_msg("'%s': \"%s\" is not told in: %s", text, phrase, line.told);
	options_free(&line.options);
}

#endif
