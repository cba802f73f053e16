/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/printable.h"

#include <inttypes.h>
#include <langinfo.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "core/utf8.h"

void printable_init(struct printable *printable)
{
	const locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);

	*printable = (struct printable){.locale = locale};
	if (locale != (locale_t)0)
		printable->utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
}

void printable_fini(struct printable *printable)
{
	if (printable->locale != (locale_t)0)
		freelocale(printable->locale);
	*printable = (struct printable){.locale = (locale_t)0};
}

/* An escape sequence: a backslash, a letter, and the code as hexadecimal digits (0: none). */
static struct glyph escaped(size_t taken, char letter, int digits, uint32_t code)
{
	struct glyph glyph = {.taken = taken};
	int length = snprintf(glyph.bytes, sizeof(glyph.bytes), "\\%c", letter);

	if (digits > 0)
		length += snprintf(glyph.bytes + length, sizeof(glyph.bytes) - (size_t)length,
		                   "%0*" PRIx32, digits, code);
	glyph.length = (size_t)length;
	glyph.cells = (unsigned)length;
	return glyph;
}

static struct glyph ascii_glyph(unsigned char c)
{
	static const char letters[] = "abtnvfr"; /* \a is 7, and so on */
	struct glyph glyph = {.taken = 1, .length = 1, .cells = 1, .bytes = {(char)c}};

	if (c >= '\a' && c <= '\r')
		return escaped(1, letters[c - '\a'], 0, c);
	if (c < 0x20 || c == 0x7F)
		return escaped(1, 'x', 2, c);
	return glyph;
}

/* Cells of a character, -1 if it is not printable: both depend on the user's locale. */
static int cells_of(const struct printable *printable, uint32_t code)
{
	const locale_t before = uselocale(printable->locale);
	const int cells = iswprint((wint_t)code) ? wcwidth((wchar_t)code) : -1;

	uselocale(before);
	return cells;
}

struct glyph printable_next(const struct printable *printable, const char *text)
{
	const unsigned char first = (unsigned char)*text;
	struct glyph glyph;
	uint32_t code;
	int cells;

	if (first < 0x80)
		return ascii_glyph(first);
	glyph.taken = printable->utf8 ? utf8_decode(text, &code) : 0;
	if (glyph.taken == 0)
		return escaped(1, 'x', 2, first);
	cells = cells_of(printable, code);
	if (cells < 0 || utf8_is_format_sign(code))
		return code > 0xFFFF ? escaped(glyph.taken, 'U', 8, code)
		                     : escaped(glyph.taken, 'u', 4, code);
	glyph.length = glyph.taken;
	glyph.cells = (unsigned)cells;
	memcpy(glyph.bytes, text, glyph.taken);
	return glyph;
}

size_t printable_print(const struct printable *printable, const char *text, size_t length,
                       FILE *out)
{
	const char *end = text + length;
	size_t cells = 0;

	while (text < end) {
		const struct glyph glyph = printable_next(printable, text);

		fwrite(glyph.bytes, 1, glyph.length, out);
		cells += glyph.cells;
		text += glyph.taken;
	}
	return cells;
}
