/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Alumet's tables [plugins.energy-attribution.formulas.NAME], as far as this transform supports
 * them.
 */
#ifndef TRANSFORMS_ENERGY_FORMULAS_H
#define TRANSFORMS_ENERGY_FORMULAS_H

#include "alumet/setting.h"

/* The metric's name if there is no formula. */
#define FORMULAS_DEFAULT_NAME "attributed_energy"

/*
 * Set *name to the metric of the formula, a string in the list, or to a literal. The formula must
 * be the product of an energy and a CPU usage (and a constant). Any other, or a second one, is an
 * error whose message names it. Returns 0, or -EINVAL after logging it.
 */
int formulas_name(const struct setting_list *formulas, const char **name);

#endif
