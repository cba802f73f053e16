/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Alumet's tables [plugins.energy-attribution.formulas.NAME], as far as they mean what is done here. */
#ifndef ENERGY_FORMULAS_H
#define ENERGY_FORMULAS_H

#include "alumet/setting.h"

/* The metric's name without any formula. */
#define FORMULAS_DEFAULT_NAME "attributed_energy"

/*
 * The name of the metric that the formulas are for, in the list or a literal. A formula must be the
 * product of an energy and a use of the CPUs (and a constant): all else is refused by its name, as is
 * a second formula. Returns 0, or -EINVAL after telling the user.
 */
int formulas_name(const struct setting_list *formulas, const char **name);

#endif
