/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "outputs/summary/summary_text.h"
#include "core/clock.h"

static const struct text_signs UNICODE = {
	.utf8 = true,
	.branch = "├─ ",
	.last_branch = "└─ ",
	.line = "│  ",
	.blank = "   ",
	.times = "×",
	.ellipsis = "…",
	.micro = "µ",
	.at_least = "≥",
};

static const struct text_signs ASCII = {
	.branch = "|- ",
	.last_branch = "`- ",
	.line = "|  ",
	.blank = "   ",
	.times = "x",
	.ellipsis = "~",
	.micro = "u",
	.at_least = ">=",
};

void text_signs_init(struct text_signs *signs)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);

	*signs = ASCII;
	if (locale != (locale_t)0 && strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0)
		*signs = UNICODE;
	signs->locale = locale;
}

void text_signs_fini(struct text_signs *signs)
{
	if (signs->locale != (locale_t)0)
		freelocale(signs->locale);
	signs->locale = (locale_t)0;
}

void text_start(struct text_line *line, const struct text_signs *signs)
{
	line->signs = signs;
	line->cells = 0;
	line->length = 0;
	line->bytes[0] = '\0';
}

static void append(struct text_line *line, const char *bytes, size_t length, unsigned cells)
{
	if (length >= sizeof(line->bytes) - line->length)
		return;
	memcpy(line->bytes + line->length, bytes, length);
	line->length += length;
	line->bytes[line->length] = '\0';
	line->cells += cells;
}

void text_put(struct text_line *line, const char *text)
{
	/* One character at a time: a sign of ours is one cell wide, whatever its bytes. */
	while (*text) {
		size_t length = 1;

		while (((unsigned char)text[length] & 0xC0) == 0x80)
			length++;
		append(line, text, length, 1);
		text += length;
	}
}

/*
 * One character of UTF-8 (RFC 3629: shortest form, no surrogates). Returns its length, or 0 when
 * the bytes are not one.
 */
static size_t decode(const unsigned char *s, uint32_t *code)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;

	if (length < 2) {
		*code = s[0];
		return length;
	}
	if (s[0] > 0xF4)
		return 0;
	*code = s[0] & (0x7FU >> length);
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3F);
	}
	if (*code < smallest[length] || *code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF))
		return 0;
	return length;
}

/* Signs that are not seen but change what is: joiners, marks and embeddings of direction. */
static bool is_format_sign(uint32_t code)
{
	return (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
	       (code >= 0x2060 && code <= 0x206F) || code == 0x061C || code == 0xFEFF ||
	       (code >= 0xE0000 && code <= 0xE007F);
}

/* One character of a name, as it is shown. */
struct glyph {
	size_t taken; /* bytes of the name */
	size_t length;
	unsigned cells;
	char bytes[12];
};

/* An escape sequence: a backslash, a letter, and the code in so many hexadecimal digits (or none). */
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

/* To be called with the user's locale in use: wcwidth() depends on it. */
static struct glyph next_glyph(const struct text_signs *signs, const char *name)
{
	const unsigned char *s = (const unsigned char *)name;
	struct glyph glyph;
	uint32_t code;
	int cells;

	if (*s < 0x80)
		return ascii_glyph(*s);
	glyph.taken = signs->utf8 ? decode(s, &code) : 0;
	if (glyph.taken == 0)
		return escaped(1, 'x', 2, *s);
	cells = wcwidth((wchar_t)code);
	if (cells < 0 || !iswprint((wint_t)code) || is_format_sign(code))
		return code > 0xFFFF ? escaped(glyph.taken, 'U', 8, code)
		                     : escaped(glyph.taken, 'u', 4, code);
	glyph.length = glyph.taken;
	glyph.cells = (unsigned)cells;
	memcpy(glyph.bytes, s, glyph.taken);
	return glyph;
}

/* Append what fits into max_cells (nothing when line is NULL) and return the cells of all of it. */
static unsigned lay_out(struct text_line *line, const struct text_signs *signs, const char *name,
                        unsigned max_cells)
{
	locale_t before = uselocale(signs->locale); /* with (locale_t)0: only asks */
	unsigned cells = 0;
	bool fits = true;

	while (*name) {
		struct glyph glyph = next_glyph(signs, name);

		fits = fits && cells + glyph.cells <= max_cells;
		if (line && fits)
			append(line, glyph.bytes, glyph.length, glyph.cells);
		cells += glyph.cells;
		name += glyph.taken;
	}
	uselocale(before);
	return cells;
}

unsigned text_name_cells(const struct text_signs *signs, const char *name)
{
	return lay_out(NULL, signs, name, 0);
}

void text_put_name(struct text_line *line, const char *name, unsigned max_cells)
{
	if (text_name_cells(line->signs, name) <= max_cells) {
		lay_out(line, line->signs, name, max_cells);
	} else if (max_cells > 0) {
		lay_out(line, line->signs, name, max_cells - 1);
		text_put(line, line->signs->ellipsis);
	}
}

void text_pad(struct text_line *line, unsigned cells)
{
	while (line->cells < cells && line->length + 1 < sizeof(line->bytes))
		append(line, " ", 1, 1);
}

/* Cells of a text of ours. */
static unsigned own_cells(const char *text)
{
	unsigned cells = 0;

	for (; *text; text++)
		cells += ((unsigned char)*text & 0xC0) != 0x80;
	return cells;
}

void text_put_right(struct text_line *line, const char *text, unsigned end)
{
	unsigned cells = own_cells(text);

	text_pad(line, end > cells ? end - cells : 0);
	text_put(line, text);
}

/* Three digits that matter, of a number below 1000 after rounding. */
static void three_digits(double number, const char *unit, char text[static TEXT_NUMBER_SIZE])
{
	int decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;

	snprintf(text, TEXT_NUMBER_SIZE, "%.*f%s", decimals, number, unit);
}

void text_count(uint64_t count, char text[static TEXT_NUMBER_SIZE])
{
	static const char *const units[] = {"", "k", "M", "G", "T", "P", "E"};
	double number = (double)count;
	size_t unit = 0;

	if (count < 1000) {
		snprintf(text, TEXT_NUMBER_SIZE, "%" PRIu64, count);
		return;
	}
	for (; number >= 999.5; unit++)
		number /= 1000;
	three_digits(number, units[unit], text);
}

void text_duration(uint64_t ns, const struct text_signs *signs, char text[static TEXT_NUMBER_SIZE])
{
	uint64_t seconds = (ns + NSEC_PER_SEC / 2) / NSEC_PER_SEC;
	char micro[8];

	snprintf(micro, sizeof(micro), " %ss", signs->micro);
	if (ns == 0)
		strcpy(text, "0");
	else if (ns < 1000)
		snprintf(text, TEXT_NUMBER_SIZE, "%" PRIu64 " ns", ns);
	else if (ns < 999500)
		three_digits((double)ns / 1e3, micro, text);
	else if (ns < 999500000)
		three_digits((double)ns / 1e6, " ms", text);
	else if (ns < 59950000000)
		three_digits((double)ns / 1e9, " s", text);
	else if (seconds < 3600)
		snprintf(text, TEXT_NUMBER_SIZE, "%" PRIu64 "m%02" PRIu64 "s", seconds / 60,
		         seconds % 60);
	else
		snprintf(text, TEXT_NUMBER_SIZE, "%" PRIu64 "h%02" PRIu64 "m", seconds / 3600,
		         seconds % 3600 / 60);
}

void text_energy(double joules, char text[static TEXT_NUMBER_SIZE])
{
	static const char *const units[] = {" J", " kJ", " MJ", " GJ", " TJ"};
	size_t unit = 0;

	if (!(joules > 0)) {
		strcpy(text, "0 J");
		return;
	}
	for (; joules >= 999.5 && unit + 1 < sizeof(units) / sizeof(*units); unit++)
		joules /= 1000;
	if (joules < 0.9995)
		snprintf(text, TEXT_NUMBER_SIZE, "%.3f J", joules);
	else
		three_digits(joules, units[unit], text);
}
