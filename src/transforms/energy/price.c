/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Distributes each zone's energy of an interval by the weights on its CPUs. */
#include <errno.h>

#include "core/clock.h"
#include "transforms/energy/energy.h"
#include "transforms/energy/share.h"

/* A lesser excess is not reported: a share of the weights, and of the interval's time. */
#define OVER_SHARE 0.1
#define OVER_NS (2.0 * NSEC_PER_MSEC)

/* Sums over a zone's CPUs in the interval. */
struct zone_use {
	uint64_t weight, misses, busy_ns;
	uint32_t n_cpus;
};

static struct zone_use use_of(const struct energy *energy, const struct zone *zone)
{
	const struct machine *machine = &energy->machine;
	struct zone_use sum = {.n_cpus = 0};

	for (uint32_t cpu = 0; cpu < machine->topology.n; cpu++) {
		const struct cpu_use *use = &machine->uses[cpu];

		if (!machine_is_part(machine, machine->group_of[cpu], zone->package, zone->die))
			continue;
		sum.weight += use->weight;
		sum.misses += use->misses;
		sum.busy_ns += use->busy_ns;
	}
	for (uint32_t g = 0; g < machine->n_groups; g++) {
		if (machine_is_part(machine, g, zone->package, zone->die))
			sum.n_cpus += machine->groups[g].n_cpus;
	}
	return sum;
}

static uint64_t weight_of(const struct energy *energy, const struct consumer *consumer,
                          const struct zone *zone, bool by_misses)
{
	const uint64_t *weights = by_misses ? consumer->misses : consumer->weights;
	uint64_t sum = 0;

	for (uint32_t g = 0; g < energy->machine.n_groups; g++) {
		if (machine_is_part(&energy->machine, g, zone->package, zone->die))
			sum += weights[g];
	}
	return sum;
}

/* The known watts are those of a package: each of its dies with a counter gets an equal part. */
static double idle_watts(const struct energy *energy, const struct zone *zone)
{
	const double watts = idle_power_find(&energy->idle_power, zone->domain, zone->package);
	unsigned int dies = 0;

	for (size_t i = 0; i < energy->zones.n; i++)
		dies += energy->zones.items[i].domain == zone->domain &&
		        energy->zones.items[i].package == zone->package;
	return watts / dies;
}

/*
 * The idle part of the counts. ns: of the energy's interval; weights_ns: of the weights', which is
 * another if the agent was held up between the two.
 */
static uint64_t idle_counts(const struct energy *energy, const struct zone *zone, uint64_t counts,
                            const struct zone_use *use, uint64_t ns, uint64_t weights_ns)
{
	const uint64_t capacity_ns = use->n_cpus * weights_ns;
	const double watts = idle_watts(energy, zone);

	if (energy->settings->idle == IDLE_NONE || energy->settings->idle == IDLE_PROPORTIONAL)
		return 0;
	if (energy->settings->idle == IDLE_AUTO && watts >= 0)
		return energy_idle_by_power(watts, ns, zone->counts_per_joule);
	if (capacity_ns <= use->busy_ns)
		return 0;
	return energy_idle_by_time(counts, capacity_ns - use->busy_ns, capacity_ns);
}

/* The graphics' part of the package's energy, which is not the CPUs'. */
static uint64_t take_graphics(struct energy *energy, struct zone *zone)
{
	const struct zone *graphics =
		zone->domain == ENERGY_PACKAGE
			? zones_find(&energy->zones, ENERGY_PP1, zone->package, zone->die)
			: NULL;
	uint64_t counts;

	if (!graphics || graphics->counts_per_joule <= 0)
		return 0;
	counts = (uint64_t)((double)graphics->counts / graphics->counts_per_joule *
	                    zone->counts_per_joule);
	return counts < zone->counts ? counts : zone->counts;
}

static void add_part(struct zone *zone, enum energy_part part, uint64_t counts)
{
	zone->parts[part] += counts;
	zone->totals[part] += counts;
}

/* Publish the costs in this window, with which sources divide a process's energy further. */
static void publish(struct energy *energy, const struct zone *zone, const struct zone_use *use,
                    uint64_t active)
{
	struct weight_price *price = &energy->plan.price;
	const double joules =
		zone->counts_per_joule > 0 ? (double)active / zone->counts_per_joule : 0;

	for (uint32_t g = 0; g < energy->machine.n_groups; g++) {
		if (!machine_is_part(&energy->machine, g, zone->package, zone->die))
			continue;
		if (use->weight)
			price->per_weight[g] += joules / (double)use->weight;
		if (use->busy_ns)
			price->per_busy_ns[g] += joules / (double)use->busy_ns;
	}
}

/*
 * Whether the processes weigh so much more than the CPUs that it is reported: they went on for long
 * while the agent got no CPU to read their weights, as in this part of the weights' interval.
 */
static bool is_over(uint64_t total, uint64_t known, uint64_t weights_ns)
{
	const double excess = known > total ? (double)(known - total) / (double)known : 0;

	return excess > OVER_SHARE && excess * (double)weights_ns > OVER_NS;
}

static void price_zone(struct energy *energy, size_t index, uint64_t ns, uint64_t weights_ns)
{
	struct zone *zone = &energy->zones.items[index];
	const struct zone_use use = use_of(energy, zone);
	const bool by_misses = zone->domain == ENERGY_DRAM && use.misses;
	const uint64_t graphics = take_graphics(energy, zone);
	const uint64_t counts = zone->counts - graphics;
	const uint64_t total = by_misses ? use.misses : use.weight;
	struct energy_share share;
	uint64_t known = 0;

	for (struct consumer *c = energy->consumers.touched; c; c = c->next)
		known += weight_of(energy, c, zone, by_misses);
	energy->is_over |= is_over(total, known, weights_ns);
	share = energy_share_begin(counts, idle_counts(energy, zone, counts, &use, ns, weights_ns),
	                           total, known);
	publish(energy, zone, &use, share.active);
	for (struct consumer *c = energy->consumers.touched; c; c = c->next) {
		const uint64_t part =
			energy_share_take(&share, weight_of(energy, c, zone, by_misses));

		c->energy[index].pending += part;
		c->energy[index].total += part;
	}
	add_part(zone, PART_GRAPHICS, graphics);
	add_part(zone, PART_IDLE, share.idle);
	add_part(zone, PART_OTHER, energy_share_other(&share));
	zone->total += zone->counts;
}

/* Sets the begin of the next interval of the weights. */
static uint64_t take_weights_ns(struct energy *energy, uint64_t ns)
{
	const uint64_t now_ns = energy->plan.weighed_ns, before_ns = energy->weighed_ns;

	energy->weighed_ns = now_ns;
	return before_ns && now_ns > before_ns ? now_ns - before_ns : ns;
}

int energy_price(struct energy *energy, const struct window *window)
{
	const uint64_t ns = window->end_ns - window->begin_ns;
	const uint64_t weights_ns = take_weights_ns(energy, ns);

	for (struct consumer *c = energy->consumers.touched; c; c = c->next) {
		if (consumer_grow(c, energy->zones.n))
			return -ENOMEM;
	}
	energy->plan.price = (struct weight_price){.end_ns = window->end_ns};
	for (size_t i = 0; i < energy->zones.n; i++) {
		if (energy->zones.items[i].domain != ENERGY_PP1)
			price_zone(energy, i, ns, weights_ns);
	}
	for (size_t i = 0; i < energy->zones.n; i++)
		energy->zones.items[i].counts = 0;
	machine_end_interval(&energy->machine, weights_ns);
	consumers_end_interval(&energy->consumers);
	return 0;
}
