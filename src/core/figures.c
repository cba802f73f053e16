/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/figures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int figures_add(struct figures *figures, const struct run_figure *figure)
{
	struct run_figure *items = reallocarray(figures->items, figures->n + 1, sizeof(*items));
	struct run_figure copy = *figure;

	if (!items)
		return -ENOMEM;
	figures->items = items;
	copy.label = strdup(figure->label);
	copy.note = figure->note ? strdup(figure->note) : NULL;
	if (!copy.label || (figure->note && !copy.note)) {
		free((char *)copy.label);
		free((char *)copy.note);
		return -ENOMEM;
	}
	items[figures->n++] = copy;
	return 0;
}

void figures_fini(struct figures *figures)
{
	for (size_t i = 0; i < figures->n; i++) {
		free((char *)figures->items[i].label);
		free((char *)figures->items[i].note);
	}
	free(figures->items);
	*figures = (struct figures){.n = 0};
}
