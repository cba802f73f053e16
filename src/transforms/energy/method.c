/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Describes in one line how a run's energy was divided, and how exact that is. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "transforms/energy/energy.h"

/* Whether the zone is the first die of its package. */
static bool is_first(const struct energy *energy, size_t zone)
{
	for (size_t i = 0; i < zone; i++) {
		if (energy->zones.items[i].domain == ENERGY_PACKAGE &&
		    energy->zones.items[i].package == energy->zones.items[zone].package)
			return false;
	}
	return true;
}

/*
 * The idle power of the packages that have a counter; negative if none is known. Watts may be
 * configured for packages that this machine lacks.
 */
static double package_watts(const struct energy *energy)
{
	double sum = -1;

	for (size_t i = 0; i < energy->zones.n; i++) {
		const struct zone *zone = &energy->zones.items[i];
		const double watts =
			idle_power_find(&energy->idle_power, zone->domain, zone->package);

		if (zone->domain == ENERGY_PACKAGE && watts >= 0 && is_first(energy, i))
			sum = (sum < 0 ? 0 : sum) + watts;
	}
	return sum;
}

/* "cycles; idle 11.2 W measured on 2026-11-26" */
void energy_describe_method(struct energy *energy)
{
	const struct idle_power *power = &energy->idle_power;
	const double watts = package_watts(energy);
	char idle[64];

	if (energy->settings->idle == IDLE_NONE)
		snprintf(idle, sizeof(idle), "no idle part");
	else if (energy->settings->idle == IDLE_PROPORTIONAL)
		snprintf(idle, sizeof(idle), "idle shared like the rest");
	else if (watts >= 0 && *power->date)
		snprintf(idle, sizeof(idle), "idle %.3g W measured on %s", watts, power->date);
	else if (watts >= 0)
		snprintf(idle, sizeof(idle), "idle %.3g W as configured", watts);
	else
		snprintf(idle, sizeof(idle), "idle by time");
	snprintf(energy->method, sizeof(energy->method), "%s; %s",
	         energy->plan.provided ? energy->plan.provided : "nothing weighed", idle);
}

/*
 * The mean error that the counters' refresh causes in the energy of the whole run, in ns at the
 * run's power: a third of a refresh period if neither end is aligned to a refresh, half a period if
 * one end is, and a twentieth (the refresh's jitter) if both are.
 */
static double refresh_error_ns(const struct energy *energy)
{
	const double first = (double)energy->age_ns[0], last = (double)energy->age_ns[1];

	if (first > 0 && last > 0)
		return (first + last) / 6;
	if (first > 0 || last > 0)
		return (first + last) / 2;
	return 0.05 * 1e6;
}

/* After the last reading: "cycles; idle by time; ± 0.3 %". */
void energy_describe_error(struct energy *energy)
{
	const double length_ns = (double)(energy->last_ns - energy->first_ns);
	const size_t length = strlen(energy->method);

	if (length_ns > 0)
		snprintf(energy->method + length, sizeof(energy->method) - length, "; ± %.2g %%",
		         100 * refresh_error_ns(energy) / length_ns);
}
