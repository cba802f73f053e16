/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows of attributed energy since the previous rows: of processes, and of what no process has. */
#include <stdio.h>
#include <string.h>

#include "core/energy_parts.h"
#include "core/pipeline.h"
#include "transforms/energy/energy.h"

#define MOST_ATTRIBUTES 5

/* A point without its consumer and value. */
struct row {
	struct point point;
	struct attribute attributes[MOST_ATTRIBUTES];
	char die[12];
};

static void add_attribute(struct row *row, const char *key, const char *text)
{
	row->attributes[row->point.n_attributes++] =
		(struct attribute){.key = key, .text = text, .length = strlen(text)};
}

static void begin_row(struct row *row, const struct energy *energy, const struct zone *zone,
                      uint64_t realtime_ns)
{
	row->point = (struct point){
		.metric = energy->metric,
		.time_ns = realtime_ns,
		.type = VALUE_F64,
		.resource_kind = zone->domain == ENERGY_DRAM ? RESOURCE_DRAM : RESOURCE_CPU_PACKAGE,
		.resource_id = (uint32_t)zone->package,
		.consumer_kind = CONSUMER_LOCAL_MACHINE,
		.attributes = row->attributes,
	};
	add_attribute(row, "domain", energy_domain_name(zone->domain));
	if (zone->die >= 0) {
		snprintf(row->die, sizeof(row->die), "%d", zone->die);
		add_attribute(row, "die", row->die);
	}
}

/* Push the row, and that of its emissions if they are wanted. */
static int push(struct energy *energy, struct row *row, double joules)
{
	int err;

	row->point.value.f64 = joules;
	err = pipeline_push(energy->context->pipeline, &row->point);
	if (err || !energy->has_carbon)
		return err;
	row->point.metric = energy->carbon_metric;
	row->point.value.f64 = joules * energy->grams_per_joule;
	return pipeline_push(energy->context->pipeline, &row->point);
}

static int push_part(struct energy *energy, struct zone *zone, enum energy_part part,
                     uint64_t realtime_ns)
{
	const uint64_t counts = zone->parts[part];
	struct row row;

	zone->parts[part] = 0;
	if (!energy->has_parts || (part == PART_GRAPHICS && !counts))
		return 0; /* there are no graphics, or they are idle */
	begin_row(&row, energy, zone, realtime_ns);
	add_attribute(&row, "part", energy_part_name(part));
	if (energy->host)
		add_attribute(&row, "hostname", energy->host);
	if (part == PART_IDLE)
		add_attribute(&row, "method", energy->method);
	return push(energy, &row, zone_joules(zone, counts));
}

int energy_push_process(struct energy *energy, struct consumer *consumer, uint64_t realtime_ns)
{
	int err = 0;

	for (size_t i = 0; !err && i < consumer->n_zones; i++) {
		const struct zone *zone = &energy->zones.items[i];
		const uint64_t counts = consumer->energy[i].pending;
		struct row row;

		if (!counts)
			continue;
		consumer->energy[i].pending = 0;
		begin_row(&row, energy, zone, realtime_ns);
		row.point.consumer_kind = CONSUMER_PROCESS;
		row.point.consumer_id = (uint32_t)consumer->key.pid;
		row.point.consumer_start_ns = consumer->key.start_ns;
		row.point.consumer_life = consumer->life;
		row.point.consumer_rank = consumer->rank;
		err = push(energy, &row, zone_joules(zone, counts));
	}
	return err;
}

int energy_push_rows(struct energy *energy)
{
	const uint64_t realtime_ns = energy->priced_ns;
	struct consumer *consumer, *next;
	int err = 0;

	energy->has_rows = false;
	for (size_t i = 0; !err && i < energy->zones.n; i++) {
		struct zone *zone = &energy->zones.items[i];

		for (enum energy_part part = 0; !err && part < ENERGY_PARTS; part++) {
			if (zone->domain != ENERGY_PP1)
				err = push_part(energy, zone, part, realtime_ns);
		}
	}
	HASH_ITER(hh, energy->consumers.by_key, consumer, next)
	{
		if (!err)
			err = energy_push_process(energy, consumer, realtime_ns);
	}
	return err;
}

double energy_of_process(const struct energy *energy, const struct consumer *consumer)
{
	double joules = 0;

	for (size_t i = 0; i < consumer->n_zones; i++) {
		if (zone_is_summed(&energy->zones.items[i]))
			joules += zone_joules(&energy->zones.items[i], consumer->energy[i].total);
	}
	return joules;
}

int energy_add_figures(const struct energy *energy)
{
	struct energy_parts parts = {.method = energy->method};
	struct run_figure figures[ENERGY_PARTS_FIGURES];
	char note[sizeof(energy->method) + 3];
	size_t n;
	int err = 0;

	if (!energy->has_parts || energy->zones.n == 0)
		return 0;
	for (size_t i = 0; i < energy->zones.n; i++) {
		const struct zone *zone = &energy->zones.items[i];

		if (!zone_is_summed(zone))
			continue;
		parts.others += zone_joules(zone, zone->totals[PART_OTHER]);
		parts.idle += zone_joules(zone, zone->totals[PART_IDLE]);
		parts.graphics += zone_joules(zone, zone->totals[PART_GRAPHICS]);
		parts.total += zone_joules(zone, zone->total);
	}
	n = energy_parts_figures(&parts, note, sizeof(note), figures);
	for (size_t i = 0; !err && i < n; i++)
		err = pipeline_add_figure(energy->context->pipeline, &figures[i]);
	return err;
}
