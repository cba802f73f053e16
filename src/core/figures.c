/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/figures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int figures_add(struct figures *figures, const struct run_figure *figure)
{
	struct run_figure *items = reallocarray(figures->items, figures->n + 1, sizeof(*items));
	char *label, *note;

	if (!items)
		return -ENOMEM;
	figures->items = items;
	label = strdup(figure->label);
	note = figure->note ? strdup(figure->note) : NULL;
	if (!label || (figure->note && !note)) {
		free(label);
		free(note);
		return -ENOMEM;
	}
	items[figures->n] = *figure;
	items[figures->n].label = label;
	items[figures->n++].note = note;
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
