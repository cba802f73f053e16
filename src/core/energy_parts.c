/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/energy_parts.h"

#include <stdio.h>

size_t energy_parts_figures(const struct energy_parts *parts, char *note, size_t note_size,
                            struct run_figure figures[static ENERGY_PARTS_FIGURES])
{
	size_t n = 0;

	figures[n++] = (struct run_figure){"others", parts->others, &UNIT_JOULE, NULL};
	figures[n++] = (struct run_figure){"idle", parts->idle, &UNIT_JOULE, NULL};
	if (parts->graphics > 0)
		figures[n++] = (struct run_figure){"graphics", parts->graphics, &UNIT_JOULE, NULL};
	snprintf(note, note_size, "by %s", parts->method);
	figures[n++] = (struct run_figure){"total", parts->total, &UNIT_JOULE,
	                                   *parts->method ? note : NULL};
	return n;
}
