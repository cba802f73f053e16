/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How text from others is written between the quotes of a JSON string (RFC 8259). */
#ifndef CORE_JSON_ESCAPE_H
#define CORE_JSON_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

#define JSON_ESCAPE_SIZE 8

/* Whether this byte is a character, and is written as it is. */
static inline bool json_is_plain(char byte)
{
	return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
}

/*
 * Take the first character of a non-empty text of n bytes that a NUL ends. Control characters are
 * escaped, those of C1, too, because JSON may be shown on a terminal. A byte that is not UTF-8
 * becomes \xff, in letters, since JSON has no bytes. Returns the number of bytes taken. escape: how
 * the character is to be written; "": as it is.
 */
size_t json_escape(const char *text, size_t n, char escape[static JSON_ESCAPE_SIZE]);

#endif
