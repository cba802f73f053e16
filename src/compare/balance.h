/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How balanced each job's ranks are, as samples: least, most and imbalance of each quantity. */
#ifndef COMPARE_BALANCE_H
#define COMPARE_BALANCE_H

#include "compare/samples.h"

extern const struct sample_quantity balance_quantities[BALANCES];

/* Set samples->balances, after the runs have been chosen. Returns 0 or -ENOMEM. */
int balance_make(struct samples *samples);

#endif
