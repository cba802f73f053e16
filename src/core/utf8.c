/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/utf8.h"

/* Length of the character that begins with this byte; 0: none does. */
static size_t length_by(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xC2 || first > 0xF4)
		return 0;
	return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

size_t utf8_decode(const char *text, uint32_t *code)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *s = (const unsigned char *)text;
	const size_t length = length_by(s[0]);
	uint32_t value;

	if (length == 0)
		return 0;
	value = length == 1 ? s[0] : s[0] & (0x7FU >> length);
	for (size_t i = 1; i < length; i++) {
		if (!utf8_is_later_byte(text[i]))
			return 0;
		value = value << 6 | (s[i] & 0x3F);
	}
	if (value < smallest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return 0;
	*code = value;
	return length;
}

bool utf8_is_format_sign(uint32_t code)
{
	return (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
	       (code >= 0x2060 && code <= 0x206F) || code == 0x061C || code == 0xFEFF ||
	       (code >= 0xFFF9 && code <= 0xFFFB) || (code >= 0xE0000 && code <= 0xE007F);
}
