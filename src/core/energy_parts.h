/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of a run's energy that belong to no process, labelled alike in every summary. */
#ifndef CORE_ENERGY_PARTS_H
#define CORE_ENERGY_PARTS_H

#include "alumet/run.h"

/* Energy of packages and memory, in joules. */
struct energy_parts {
	double others, idle, graphics, total;
	const char *method; /* the weight by which energy was distributed; "": unknown */
};

#define ENERGY_PARTS_FIGURES 4

/*
 * Make figures of the parts: "others 11.2 J   idle 0.016 J   total 14.8 J". The total's note, which
 * is stored in note, names the method. Returns the number of figures.
 */
size_t energy_parts_figures(const struct energy_parts *parts, char *note, size_t note_size,
                            struct run_figure figures[static ENERGY_PARTS_FIGURES]);

#endif
