/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Carbon intensity of electricity. */
#ifndef TRANSFORMS_ENERGY_CARBON_H
#define TRANSFORMS_ENERGY_CARBON_H

/*
 * Grams per kWh for a text: a number ("56"), or a country's ISO 3166-1 alpha-3 code or English name
 * ("FRA", "France"), in any case. Negative if it is neither.
 */
double carbon_intensity(const char *text);

#endif
