/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/printable.h"
#include "core/wrap.h"

/* All of a text as it is printed; valid until the next call. */
static const char *shown(const char *locale, const char *text)
{
	static char all[512];
	struct printable printable;
	size_t n = 0;

	setenv("LC_ALL", locale, 1);
	printable_init(&printable);
	while (*text) {
		const struct glyph glyph = printable_next(&printable, text);

		memcpy(all + n, glyph.bytes, glyph.length);
		n += glyph.length;
		text += glyph.taken;
	}
	all[n] = '\0';
	printable_fini(&printable);
	return all;
}

/* The code as UTF-8; valid until the next call. */
static const char *utf8(uint32_t code)
{
	static char bytes[5];

	memset(bytes, 0, sizeof(bytes));
	if (code < 0x80) {
		bytes[0] = (char)code;
	} else if (code < 0x800) {
		bytes[0] = (char)(0xc0 | code >> 6);
		bytes[1] = (char)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		bytes[0] = (char)(0xe0 | code >> 12);
		bytes[1] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[2] = (char)(0x80 | (code & 0x3f));
	} else {
		bytes[0] = (char)(0xf0 | code >> 18);
		bytes[1] = (char)(0x80 | (code >> 12 & 0x3f));
		bytes[2] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[3] = (char)(0x80 | (code & 0x3f));
	}
	return bytes;
}

/* Of ECMA-48: both sets of control characters, and DEL. */
static void no_control_character_stays(void **state)
{
	static const char *const locales[] = {"C", "C.UTF-8", "not-installed.UTF-8"};

	for (size_t i = 0; i < 3; i++) {
		for (uint32_t code = 1; code < 0xa0; code++) {
			if (code >= 0x20 && code < 0x7f)
				assert_string_equal(shown(locales[i], utf8(code)), utf8(code));
			else
				assert_int_equal(shown(locales[i], utf8(code))[0], '\\');
		}
	}
	assert_string_equal(shown("C.UTF-8", "\a\b\t\n\v\f\r"), "\\a\\b\\t\\n\\v\\f\\r");
	assert_string_equal(shown("C.UTF-8", "\x1b[2J\x7f"), "\\x1b[2J\\x7f");
	assert_string_equal(shown("C.UTF-8", "\xc2\x9b"
	                                     "2J\xc2\x85"),
	                    "\\u009b2J\\u0085");
}

/* C1 as single bytes, which a terminal that does not know UTF-8 obeys, and any other. */
static void no_byte_that_is_not_utf8_stays(void **state)
{
	for (unsigned int byte = 0x80; byte < 0x100; byte++) {
		const char text[] = {(char)byte, '\0'};
		char expected[8];

		snprintf(expected, sizeof(expected), "\\x%02x", byte);
		assert_string_equal(shown("C.UTF-8", text), expected);
		assert_string_equal(shown("C", text), expected);
	}
	assert_string_equal(shown("C.UTF-8", "\xc0\xaf"), "\\xc0\\xaf");          /* overlong */
	assert_string_equal(shown("C.UTF-8", "\xed\xa0\x80"), "\\xed\\xa0\\x80"); /* a surrogate */
	assert_string_equal(shown("C.UTF-8", "\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
	assert_string_equal(shown("C.UTF-8", "ab\xe6\x97"), "ab\\xe6\\x97"); /* cut short */
}

/* Unicode's Bidi_Control, and what else is not seen: separators, joiners, tags. */
static void no_unseen_sign_stays(void **state)
{
	static const uint32_t codes[] = {
		0x061c, 0x200b, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b,  0x202c,
		0x202d, 0x202e, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0xfeff, 0xe0001,
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		char expected[16];

		snprintf(expected, sizeof(expected), codes[i] > 0xffff ? "\\U%08x" : "\\u%04x",
		         codes[i]);
		assert_string_equal(shown("C.UTF-8", utf8(codes[i])), expected);
	}
}

static void letters_stay(void **state)
{
	const char *text = "caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80 \\ \"";
	struct printable printable;

	assert_string_equal(shown("C.UTF-8", text), text);
	assert_string_equal(shown("C", "caf\xc3\xa9"), "caf\\xc3\\xa9");

	setenv("LC_ALL", "C.UTF-8", 1);
	printable_init(&printable);
	assert_int_equal(printable_next(&printable, "\xe6\x97\xa5").cells, 2);
	assert_int_equal(printable_next(&printable, "\xc3\xa9").cells, 1);
	assert_int_equal(printable_next(&printable, "\xc2\x9b").cells, 6);
	printable_fini(&printable);
}

static void wrapped_text_is_made_printable_too(void **state)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	setenv("LC_ALL", "C.UTF-8", 1);
	wrap_print(out, "a\x1b\xc2\x9b caf\xc3\xa9\nb", 0, "  ");
	fclose(out);
	assert_string_equal(text, "a\\x1b\\u009b caf\xc3\xa9\n  b\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_control_character_stays),
		cmocka_unit_test(no_byte_that_is_not_utf8_stays),
		cmocka_unit_test(no_unseen_sign_stays),
		cmocka_unit_test(letters_stay),
		cmocka_unit_test(wrapped_text_is_made_printable_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
