/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/file/csv_delimiter.h"

#include <stdbool.h>
#include <string.h>

#include "core/utf8.h"

/*
 * A delimiter is one character. Its first byte is never a continuation byte, so the end of a cell
 * cannot be mistaken for the beginning of a delimiter. It must not be an excluded character.
 */
static bool is_character(const char *text)
{
	uint32_t code;

	return *text && utf8_decode(text, &code) == strlen(text);
}

static bool is_excluded(char c, const char *excluded)
{
	static const char letters_and_digits[] = "abcdefghijklmnopqrstuvwxyz"
						 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	return strchr(excluded, c) || strchr(letters_and_digits, c);
}

const char *csv_delimiter_problem(const void *field)
{
	const char *text = *(char *const *)field;

	if (!is_character(text))
		return "it must be a single character";
	if (is_excluded(*text, "\"\r\n-:."))
		return "it cannot be a letter, a digit, a quote, an end of line, '-', ':' or '.', "
		       "which occur in numbers and times";
	return NULL;
}

const char *csv_late_delimiter_problem(const void *field)
{
	const char *text = *(char *const *)field;

	if (!is_character(text))
		return "it must be a single character";
	if (is_excluded(*text, "\"\r\n=\\_"))
		return "it cannot be a letter, a digit, a quote, an end of line, '=', '\\' or '_', "
		       "which have another meaning there";
	return NULL;
}
