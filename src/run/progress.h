/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Passes the progress of a run from the sources to the outputs that show it. */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H

#include <stdbool.h>

#include "core/clock.h"
#include "run/stages.h"

/* Time between two calls of progress_show(). */
#define PROGRESS_INTERVAL_NS NSEC_PER_SEC

/*
 * Whether an output shows the progress; none does if rows are written to the same terminal. Called
 * once, when the outputs are open.
 */
bool progress_is_wanted(const struct stages *stages);

/* Ask the sources for their progress, and have the outputs show it. */
void progress_show(const struct stages *stages);

/* Remove the progress display. No effect if nothing was shown. */
void progress_remove(const struct stages *stages);

#endif
