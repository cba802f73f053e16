/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Takes what the transform needs from the sources' points. */
#include <errno.h>
#include <stdio.h>

#include "transforms/energy/energy.h"

static int take_counts(struct energy *energy, const struct point *point)
{
	int err;
	struct zone *zone = zones_of_point(&energy->zones, point, &energy->machine.topology, &err);

	if (!zone)
		return err;
	if (point->resource_kind == RESOURCE_CPU_CORE &&
	    point->resource_id < energy->machine.topology.n)
		energy->machine.uses[point->resource_id].energy += point->value.u64;
	zone->counts += point->value.u64;
	energy->energy_ns = point->time_ns;
	if (!energy->begun_ns)
		energy->begun_ns = point->time_ns;
	return 0;
}

static int take_scale(struct energy *energy, const struct point *point)
{
	int err;
	struct zone *zone = zones_of_point(&energy->zones, point, &energy->machine.topology, &err);

	if (zone)
		zone->counts_per_joule = point->value.f64;
	return err;
}

static int take_process(struct energy *energy, const struct point *point, bool misses)
{
	struct consumer *consumer =
		consumers_touch(&energy->consumers, point->consumer_id, point->consumer_start_ns);

	if (!consumer)
		return -ENOMEM;
	consumer->life = point->consumer_life;
	if (point->consumer_rank)
		snprintf(consumer->rank, sizeof(consumer->rank), "%s", point->consumer_rank);
	else
		consumer->rank[0] = '\0';
	if (point->resource_id < WEIGHT_GROUPS_MAX)
		(misses ? consumer->misses : consumer->weights)[point->resource_id] +=
			point->value.u64;
	return 0;
}

/* A row of the counter, from the reading at the last interval's end or at the end of this one. */
static int take_row(struct energy *energy, const struct point *point)
{
	if (!energy->has_rows || point->time_ns != energy->priced_ns) {
		energy->rows_are_due = true;
		return 0;
	}
	return energy_push_rows(energy);
}

int energy_take_point(struct energy *energy, const struct point *point)
{
	const int metric = (int)point->metric;
	struct cpu_use *use;

	if (metric == energy->process_weight)
		return take_process(energy, point, false);
	if (metric == energy->process_misses)
		return take_process(energy, point, true);
	if (metric == energy->counts)
		return take_counts(energy, point);
	if (metric == energy->counts_per_joule)
		return take_scale(energy, point);
	if (metric == energy->refresh) {
		if (energy->n_ages < 2)
			energy->age_ns[energy->n_ages++] = point->value.u64;
		return 0;
	}
	if (metric == energy->rows)
		return take_row(energy, point);
	if (point->resource_kind != RESOURCE_CPU_CORE ||
	    point->resource_id >= energy->machine.topology.n)
		return 0;
	use = &energy->machine.uses[point->resource_id];
	if (metric == energy->cpu_weight)
		use->weight += point->value.u64;
	else if (metric == energy->cpu_misses)
		use->misses += point->value.u64;
	else if (metric == energy->cpu_busy)
		use->busy_ns += point->value.u64;
	else
		return 0;
	energy->weights_ns = point->time_ns;
	return 0;
}
