/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How much carbon dioxide electricity stands for. */
#ifndef ENERGY_CARBON_H
#define ENERGY_CARBON_H

/*
 * Grams per kWh for "56", a number, or a country by its ISO 3166-1 alpha-3 code or English name:
 * "FRA", "France", in any case. A negative number when it is neither.
 */
double carbon_intensity(const char *text);

#endif
