/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* UTF-8 (RFC 3629), read strictly. */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decode the first character of a NUL-terminated text. Returns its length in bytes and sets *code,
 * or returns 0 and leaves it unset if the text begins with invalid UTF-8: an overlong form, a
 * surrogate, a code beyond U+10FFFF, or a truncated sequence. An empty text begins with U+0000, of
 * length 1.
 */
size_t utf8_decode(const char *text, uint32_t *code);

/*
 * Whether this is an invisible character that changes how or where others are shown: a joiner,
 * mark, annotation or directional embedding.
 */
bool utf8_is_format_sign(uint32_t code);

/* Whether this is a continuation byte, not the first one of its character. */
static inline bool utf8_is_later_byte(char byte)
{
	return ((unsigned char)byte & 0xC0) == 0x80;
}

#endif
