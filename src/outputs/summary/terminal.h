/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Properties of standard error: whether it is a terminal, its size, and whether it has colours. */
#ifndef OUTPUTS_SUMMARY_TERMINAL_H
#define OUTPUTS_SUMMARY_TERMINAL_H

#include <stdbool.h>

#include "tree/view/text.h"

struct terminal {
	unsigned columns, rows; /* 0: not a terminal, or of unknown size */
	bool colour;
};

struct terminal terminal_look(enum color_when color_when);

#endif
