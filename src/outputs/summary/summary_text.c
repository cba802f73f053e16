/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "outputs/summary/summary_text.h"
#include "core/clock.h"

static const struct text_signs UNICODE = {
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
	struct printable printable;

	printable_init(&printable);
	*signs = printable.utf8 ? UNICODE : ASCII;
	signs->printable = printable;
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

/* Append what fits into max_cells (nothing when line is NULL) and return the cells of all of it. */
static unsigned lay_out(struct text_line *line, const struct text_signs *signs, const char *name,
                        unsigned max_cells)
{
	unsigned cells = 0;
	bool fits = true;

	while (*name) {
		struct glyph glyph = printable_next(&signs->printable, name);

		fits = fits && cells + glyph.cells <= max_cells;
		if (line && fits)
			append(line, glyph.bytes, glyph.length, glyph.cells);
		cells += glyph.cells;
		name += glyph.taken;
	}
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
