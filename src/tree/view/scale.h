/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One unit and one number of decimals for all numbers of a column, so that they compare easily. */
#ifndef TREE_VIEW_SCALE_H
#define TREE_VIEW_SCALE_H

#include <stdbool.h>

#include "alumet/metric.h"
#include "tree/view/text.h"

enum quantity {
	QUANTITY_COUNT,
	QUANTITY_TIME,    /* ns */
	QUANTITY_BYTES,   /* B */
	QUANTITY_ENERGY,  /* J */
	QUANTITY_PERCENT, /* of 1 */
};

struct scale {
	double divisor;
	int decimals;
	const char *unit;   /* for the heading: "s", "MiB"; "" for a count */
	const char *suffix; /* for each number: "k" of a count; "" */
};

/* The quantity that this unit measures. */
enum quantity quantity_of(const struct unit *unit);

/* Choose the scale of a column so that its largest number has four or five digits. */
void scale_choose(enum quantity quantity, double largest, const struct text_signs *signs,
                  struct scale *scale);

/* For counts that have fractions: show the largest with four digits, however small it is. */
void scale_show_fractions(struct scale *scale, double largest);

/* Print a number in that scale; exactly 0 is "0", unlike a number close to it. */
void scale_print(const struct scale *scale, double number, char text[static TEXT_NUMBER_SIZE]);

#endif
