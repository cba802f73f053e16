/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Properties of standard error: whether it is a terminal, its size, and whether it has colours. */
#ifndef OUTPUTS_SUMMARY_TERMINAL_H
#define OUTPUTS_SUMMARY_TERMINAL_H

#include <stdbool.h>

/* In the order of the setting's choices. */
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct terminal {
	unsigned columns, rows; /* 0: not a terminal, or of unknown size */
	bool colour;
};

/* COLOR_AUTO: on a terminal that is not "dumb", unless NO_COLOR is set (https://no-color.org). */
struct terminal terminal_look(int color_when);

#endif
