/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/view/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/utf8.h"
#include "tree/label.h"

#define GLYPHS_MAX 1024 /* of one name; what follows is not examined */

static const struct text_signs UNICODE = {
	.branch = "├─ ",
	.last_branch = "└─ ",
	.line = "│  ",
	.blank = "   ",
	.times = "×",
	.ellipsis = "…",
	.micro = "µ",
	.at_least = "≥",
	.dot = "·",
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
	.dot = "-",
};

/* ECMA-48, "select graphic rendition". */
static const char *const STYLES[] = {
	[TEXT_PLAIN] = "\x1b[0m", [TEXT_BOLD] = "\x1b[1m",    [TEXT_DIM] = "\x1b[2m",
	[TEXT_RED] = "\x1b[31m",  [TEXT_YELLOW] = "\x1b[33m",
};

bool text_wants_colour(enum color_when when, bool is_terminal)
{
	const char *no_color = getenv("NO_COLOR"), *type = getenv("TERM");

	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	return is_terminal && !(no_color && *no_color) && type && *type &&
	       strcmp(type, "dumb") != 0;
}

void text_signs_init(struct text_signs *signs, bool colour)
{
	struct printable printable;

	printable_init(&printable);
	*signs = printable.utf8 ? UNICODE : ASCII;
	signs->printable = printable;
	signs->colour = colour;
}

void text_signs_init_utf8(struct text_signs *signs)
{
	text_signs_init(signs, false);
	if (signs->printable.utf8)
		return;
	printable_fini(&signs->printable);
	*signs = UNICODE;
	signs->printable = (struct printable){
		.locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0),
		.utf8 = true,
	};
}

void text_signs_fini(struct text_signs *signs)
{
	printable_fini(&signs->printable);
}

void text_start(struct text_line *line, const struct text_signs *signs)
{
	line->signs = signs;
	line->cells = 0;
	line->length = 0;
	line->style = TEXT_PLAIN;
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

void text_style(struct text_line *line, enum text_style style)
{
	if (line->signs->colour && style != line->style)
		append(line, STYLES[style], strlen(STYLES[style]), 0);
	line->style = style;
}

void text_put(struct text_line *line, const char *text)
{
	/* One character at a time: each of ours is one cell wide, whatever its bytes. */
	while (*text) {
		size_t length = 1;

		while (utf8_is_later_byte(text[length]))
			length++;
		append(line, text, length, 1);
		text += length;
	}
}

/* One character of a name as it is shown. */
static struct glyph next_glyph(const struct text_signs *signs, const char *name)
{
	struct glyph cut = {.taken = 1, .length = strlen(signs->ellipsis), .cells = 1};

	if (*name != LABEL_CUT)
		return printable_next(&signs->printable, name);
	memcpy(cut.bytes, signs->ellipsis, cut.length);
	return cut;
}

unsigned text_name_cells(const struct text_signs *signs, const char *name)
{
	unsigned cells = 0;

	for (size_t n = 0; *name && n < GLYPHS_MAX; n++) {
		struct glyph glyph = next_glyph(signs, name);

		cells += glyph.cells;
		name += glyph.taken;
	}
	return cells;
}

static size_t take_glyphs(const struct text_signs *signs, const char *name,
                          struct glyph glyphs[static GLYPHS_MAX], unsigned *cells)
{
	size_t n = 0;

	for (*cells = 0; *name && n < GLYPHS_MAX; n++) {
		glyphs[n] = next_glyph(signs, name);
		*cells += glyphs[n].cells;
		name += glyphs[n].taken;
	}
	return n;
}

static void put_glyph(struct text_line *line, const struct glyph *glyph)
{
	append(line, glyph->bytes, glyph->length, glyph->cells);
}

/* Append at most head cells of the start, an ellipsis, and at most tail cells of the end. */
static void put_ends(struct text_line *line, const char *name, unsigned head, unsigned tail)
{
	struct glyph glyphs[GLYPHS_MAX];
	unsigned cells, used = 0;
	size_t n = take_glyphs(line->signs, name, glyphs, &cells);
	size_t first = 0, last = n;

	if (cells <= head + 1 + tail) {
		for (size_t i = 0; i < n; i++)
			put_glyph(line, &glyphs[i]);
		return;
	}
	for (; first < n && used + glyphs[first].cells <= head; first++) {
		used += glyphs[first].cells;
		put_glyph(line, &glyphs[first]);
	}
	for (used = 0; last > first && used + glyphs[last - 1].cells <= tail; last--)
		used += glyphs[last - 1].cells;
	text_put(line, line->signs->ellipsis);
	for (; last < n; last++)
		put_glyph(line, &glyphs[last]);
}

void text_put_name(struct text_line *line, const char *name, unsigned max_cells)
{
	if (max_cells > 0)
		put_ends(line, name, max_cells - 1, 0);
}

void text_put_middle(struct text_line *line, const char *name, unsigned max_cells)
{
	if (max_cells > 0)
		put_ends(line, name, (max_cells - 1) / 2, max_cells - 1 - (max_cells - 1) / 2);
}

void text_pad(struct text_line *line, unsigned cells)
{
	while (line->cells < cells && line->length + 1 < sizeof(line->bytes))
		append(line, " ", 1, 1);
}

unsigned text_own_cells(const char *text)
{
	unsigned cells = 0;

	for (; *text; text++)
		cells += !utf8_is_later_byte(*text);
	return cells;
}

void text_put_right(struct text_line *line, const char *text, unsigned end)
{
	unsigned cells = text_own_cells(text);

	text_pad(line, end > cells ? end - cells : 0);
	text_put(line, text);
}

/* --- numbers that stand alone: three digits that matter, each with its own unit --------------- */

/* Print three digits of a number that is below 1000 after rounding. */
static void three_digits(double number, const char *unit, char text[static TEXT_NUMBER_SIZE])
{
	int decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;

	snprintf(text, TEXT_NUMBER_SIZE, "%.*f%s", decimals, number, unit);
}

void text_duration(uint64_t ns, const struct text_signs *signs, char text[static TEXT_NUMBER_SIZE])
{
	uint64_t seconds = ns / NSEC_PER_SEC + (ns % NSEC_PER_SEC >= NSEC_PER_SEC / 2);
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

void text_bytes(double bytes, char text[static TEXT_NUMBER_SIZE])
{
	static const char *const units[] = {" B", " KiB", " MiB", " GiB", " TiB"};
	size_t unit = 0;

	for (; bytes >= 1023.5 && unit + 1 < sizeof(units) / sizeof(*units); unit++)
		bytes /= 1024;
	if (unit == 0)
		snprintf(text, TEXT_NUMBER_SIZE, "%.0f B", bytes);
	else
		three_digits(bytes, units[unit], text);
}
