/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* UTF-8 (RFC 3629), read strictly. */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * The first character of a NUL-terminated text. Returns its length in bytes and sets code; 0, code
 * unchanged, when the text does not begin with a character: an overlong form, a surrogate, a code
 * beyond U+10FFFF, or a sequence cut short. The empty text begins with U+0000, of length 1.
 */
size_t utf8_decode(const char *text, uint32_t *code);

#endif
