/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The figures of a run (alumet/run.h) while they are being collected. */
#ifndef CORE_FIGURES_H
#define CORE_FIGURES_H

#include <stddef.h>

#include "alumet/run.h"

/* A zeroed struct is empty. */
struct figures {
	struct run_figure *items; /* labels and notes are owned */
	size_t n;
};

/* Add a copy of the figure. Its unit is not copied and must outlive it. Returns 0 or -ENOMEM. */
int figures_add(struct figures *figures, const struct run_figure *figure);
void figures_fini(struct figures *figures);

#endif
