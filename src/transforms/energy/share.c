/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "transforms/energy/share.h"

/* floor(value * numerator / denominator), numerator <= denominator, denominator > 0. */
static uint64_t fraction(uint64_t value, uint64_t numerator, uint64_t denominator)
{
	return (uint64_t)((unsigned __int128)value * numerator / denominator);
}

struct energy_share energy_share_begin(uint64_t energy, uint64_t idle, uint64_t total,
                                       uint64_t known)
{
	struct energy_share share = {.weight = total > known ? total : known};

	share.idle = idle < energy && share.weight ? idle : energy;
	share.active = energy - share.idle;
	return share;
}

uint64_t energy_share_take(struct energy_share *share, uint64_t weight)
{
	const uint64_t part = share->weight ? fraction(share->active, weight, share->weight) : 0;

	share->given += part;
	return part;
}

uint64_t energy_share_other(const struct energy_share *share)
{
	return share->active - share->given;
}

uint64_t energy_idle_by_time(uint64_t energy, uint64_t idle_ns, uint64_t capacity_ns)
{
	return idle_ns < capacity_ns ? fraction(energy, idle_ns, capacity_ns) : energy;
}

uint64_t energy_idle_by_power(double watts, uint64_t ns, double counts_per_joule)
{
	const double counts = watts * (double)ns / 1e9 * counts_per_joule;

	/* 2^63: far above any energy, and exact as a double. */
	return counts < 0x1p63 ? (uint64_t)counts : UINT64_MAX;
}

uint32_t energy_smt_factor(double yield, uint64_t busy_ns, uint64_t ns)
{
	double busy = ns ? (double)busy_ns / (double)ns : 0;

	if (busy > 1)
		busy = 1;
	return (uint32_t)(ENERGY_FACTOR_ONE * (1 - busy * (1 - yield / 2)) + 0.5);
}
