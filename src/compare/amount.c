/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "compare/amount.h"
#include "core/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct scale {
	const char *unit;
	double least, divisor;
	const char *shown;
};

/* The first entry that fits is used. */
static const struct scale scales[] = {
	{"ns", 1e9, 1e9, "s"},
	{"ns", 1e6, 1e6, "ms"},
	{"ns", 1e3, 1e3, "µs"},
	{"ns", 0, 1, "ns"},
	{"B", 0x1p30, 0x1p30, "GiB"},
	{"B", 0x1p20, 0x1p20, "MiB"},
	{"B", 0x1p10, 0x1p10, "KiB"},
	{"B", 0, 1, "B"},
	{"J", 1, 1, "J"},
	{"J", 1e-3, 1e-3, "mJ"},
	{"J", 0, 1e-6, "µJ"},
	{"", 1e12, 1e12, "T"},
	{"", 1e9, 1e9, "G"},
	{"", 1e6, 1e6, "M"},
};

const char *amount(double value, const char *unit, char text[static AMOUNT_SIZE])
{
	const double size = value < 0 ? -value : value;
	const char *shown = unit;
	int digits;

	for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++) {
		if (strcmp(scales[i].unit, unit) == 0 && size >= scales[i].least) {
			value /= scales[i].divisor;
			shown = scales[i].shown;
			break;
		}
	}
	digits = value > -9.9995 && value < 9.9995 ? 3 : value > -99.995 && value < 99.995 ? 2 : 1;
	if (value >= 999.95 || value <= -999.95 || value == (double)(long)value)
		digits = 0;
	snprintf(text, AMOUNT_SIZE, "%.*f%s%s", digits, value, *shown ? " " : "", shown);
	return text;
}

const char *percent(double ratio, char text[static AMOUNT_SIZE])
{
	snprintf(text, AMOUNT_SIZE, "%+.*f %%", ratio > -0.1 && ratio < 0.1 ? 2 : 1, 100 * ratio);
	return text;
}

size_t columns_of(const char *bytes, size_t n)
{
	size_t columns = 0;

	for (size_t i = 0; i < n; i++)
		columns += !utf8_is_later_byte(bytes[i]);
	return columns;
}

const char *last_columns(const char *text, size_t columns)
{
	for (size_t taken = columns_of(text, strlen(text)); taken > columns; taken--) {
		do
			text++;
		while (utf8_is_later_byte(*text));
	}
	return text;
}

void add_padded(struct text *out, const char *bytes, size_t n, size_t columns, bool right)
{
	const size_t taken = columns_of(bytes, n);

	if (out->n > 0 && out->data[out->n - 1] != '\n' && taken + columns > 0)
		text_add_string(out, "  ");
	for (size_t i = taken; right && i < columns; i++)
		text_add_char(out, ' ');
	text_add(out, bytes, n);
	for (size_t i = taken; !right && i < columns; i++)
		text_add_char(out, ' ');
}

void add_formatted(struct text *out, const char *format, ...)
{
	char buffer[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(buffer, sizeof(buffer), format, arguments);
	va_end(arguments);
	text_add_string(out, buffer);
}
