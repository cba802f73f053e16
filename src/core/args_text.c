/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/args_text.h"

#include <stdbool.h>
#include <string.h>

static bool needs_quotes(const char *arg, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strchr(" \t\n\v\f\r'\"\\", arg[i]))
			return true;
	}
	return n == 0;
}

static void add_arg(struct text *out, const char *arg, size_t n)
{
	size_t i;

	if (!needs_quotes(arg, n)) {
		text_add(out, arg, n);
		return;
	}
	text_add_char(out, '\'');
	for (i = 0; i < n; i++) {
		/* Within single quotes, only a single quote is special: it ends them. */
		if (arg[i] == '\'')
			text_add_string(out, "'\\''");
		else
			text_add_char(out, arg[i]);
	}
	text_add_char(out, '\'');
}

void args_text_add(struct text *out, const char *args, size_t length)
{
	size_t at = 0;

	while (at < length) {
		size_t n = strnlen(args + at, length - at);

		if (at > 0)
			text_add_char(out, ' ');
		add_arg(out, args + at, n);
		at += n + 1;
	}
}
