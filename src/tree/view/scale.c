/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/view/scale.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum quantity quantity_of(const struct unit *unit)
{
	if (!unit)
		return QUANTITY_COUNT;
	if (strcmp(unit->display, "ns") == 0)
		return QUANTITY_TIME;
	if (strcmp(unit->display, "B") == 0)
		return QUANTITY_BYTES;
	if (strcmp(unit->display, "J") == 0)
		return QUANTITY_ENERGY;
	return QUANTITY_COUNT;
}

/* The decimals that give a number so many digits in total, three decimals at most. */
static int decimals_for(double number, int digits)
{
	double limit = 10;
	int before = 1;

	/* 9.9996 is shown as 10.00, not as 10.000. */
	while (before < digits && number >= limit - 0.5 / 1000) {
		before++;
		limit *= 10;
	}
	return digits - before > 3 ? 3 : digits - before;
}

struct step {
	double from, divisor;
	const char *unit;
	int digits;
};

static void take_step(const struct step *steps, double largest, struct scale *scale)
{
	while (largest < steps->from)
		steps++;
	scale->divisor = steps->divisor;
	scale->unit = steps->unit;
	scale->decimals = decimals_for(largest / steps->divisor, steps->digits);
}

void scale_choose(enum quantity quantity, double largest, const struct text_signs *signs,
                  struct scale *scale)
{
	static const struct step times[] = {{0.99995e9, 1e9, "s", 5},
	                                    {0.99995e6, 1e6, "ms", 4},
	                                    {0.99995e3, 1e3, "us", 4},
	                                    {-INFINITY, 1, "ns", 1}};
	static const struct step bytes[] = {{1073741824, 1073741824, "GiB", 4},
	                                    {1048576, 1048576, "MiB", 4},
	                                    {1024, 1024, "KiB", 4},
	                                    {-INFINITY, 1, "B", 1}};
	static const struct step energies[] = {
		{1e6, 1e3, "kJ", 5}, {0.99995, 1, "J", 4}, {-INFINITY, 1e-3, "mJ", 4}};
	/* Counts of up to six digits are shown in full; larger ones have five digits at most. */
	static const struct step counts[] = {{1e17, 1e15, "P", 1}, {1e14, 1e12, "T", 1},
	                                     {1e11, 1e9, "G", 1},  {1e8, 1e6, "M", 1},
	                                     {1e6, 1e3, "k", 1},   {-INFINITY, 1, "", 1}};

	*scale = (struct scale){.divisor = 1, .unit = "", .suffix = ""};
	switch (quantity) {
	case QUANTITY_TIME:
		take_step(times, largest, scale);
		if (strcmp(scale->unit, "us") == 0 && signs->printable.utf8)
			scale->unit = "µs";
		break;
	case QUANTITY_BYTES:
		take_step(bytes, largest, scale);
		break;
	case QUANTITY_ENERGY:
		take_step(energies, largest, scale);
		break;
	case QUANTITY_PERCENT:
		*scale = (struct scale){.divisor = 0.01, .decimals = 1, .unit = "", .suffix = ""};
		break;
	case QUANTITY_COUNT:
		take_step(counts, largest, scale);
		scale->suffix = scale->unit;
		scale->unit = "";
		break;
	}
}

void scale_show_fractions(struct scale *scale, double largest)
{
	if (scale->divisor != 1 || !(largest > 0))
		return;
	for (; largest < 1000 && scale->decimals < 9; scale->decimals++)
		largest *= 10;
}

void scale_print(const struct scale *scale, double number, char text[static TEXT_NUMBER_SIZE])
{
	if (number == 0)
		strcpy(text, "0");
	else if (scale->decimals == 0 && !*scale->suffix && number > 0 &&
	         number / scale->divisor < 0.5)
		strcpy(text, "<1");
	else
		snprintf(text, TEXT_NUMBER_SIZE, "%.*f%s", scale->decimals, number / scale->divisor,
		         scale->suffix);
}
