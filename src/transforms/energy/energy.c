/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "transforms/energy/energy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alumet/energy.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/pipeline.h"
#include "transforms/energy/carbon.h"
#include "transforms/energy/formulas.h"

/* What the energy was read before the weights by: beyond this share of an interval it is told. */
#define LATE_SHARE 10

#define JOULES_PER_KWH 3.6e6

static const struct unit gram_co2 = {"gCO\xe2\x82\x82", "g{CO2}"};

static struct energy *energy_of(struct transform *transform)
{
	return (struct energy *)transform;
}

static void close_energy(struct transform *transform)
{
	struct energy *energy = energy_of(transform);

	if (!energy)
		return;
	consumers_fini(&energy->consumers);
	zones_fini(&energy->zones);
	machine_fini(&energy->machine);
	free(energy);
}

/* --- opening ----------------------------------------------------------------------------------- */

/* Watts of the configuration, else those that were measured on this machine. */
static void find_idle_power(struct energy *energy)
{
	const struct energy_settings *settings = energy->settings;
	char identity[MACHINE_IDENTITY_SIZE];
	int err;

	if (settings->idle != IDLE_AUTO)
		return;
	if (settings->idle_watts && *settings->idle_watts) {
		idle_power_parse(settings->idle_watts, &energy->idle_power);
		return;
	}
	machine_identity(settings->sysroot, identity);
	err = calibration_read(settings->calibration, identity, &energy->idle_power);
	if (err == -EXDEV)
		log_warn("%s: idle power of another machine: not used\n"
		         "measure this one: alumet-agent calibrate",
		         settings->calibration);
	else if (err && err != -ENOENT)
		log_warn("%s: not used: %s\nmeasure anew: alumet-agent calibrate",
		         settings->calibration,
		         err == -EBADMSG ? "it is no file of alumet-agent calibrate"
		                         : strerror(-err));
}

static int open_machine(struct energy *energy)
{
	const struct energy_settings *settings = energy->settings;
	int err = machine_init(&energy->machine, settings->sysroot, atof(settings->smt_yield),
	                       settings->core_factors);

	if (err == -E2BIG)
		log_warn("energy-attribution: more than %d CPU packages: not attributed",
		         WEIGHT_GROUPS_MAX);
	else if (err == -ENOMEM)
		return log_oom();
	else if (err && err != -EINVAL)
		log_warn("energy-attribution: the CPUs below %s cannot be listed (%s): not "
		         "attributed",
		         settings->sysroot, strerror(-err));
	return err && err != -EINVAL ? -ENODEV : err;
}

static int open_metrics(struct energy *energy)
{
	struct metric_registry *metrics = energy->context->metrics;
	int id = metric_register(metrics, energy->metric_name, &UNIT_JOULE, METRIC_DELTA);
	int err = id < 0 ? id : 0;

	energy->metric = (uint32_t)id;
	if (!err)
		err = metric_announce_attribute(metrics, "domain");
	if (!err)
		err = metric_announce_attribute(metrics, "part");
	if (!err)
		err = metric_announce_attribute(metrics, "method");
	if (!err && energy->has_carbon) {
		id = metric_register(metrics, "carbon_emission", &gram_co2, METRIC_DELTA);
		energy->carbon_metric = (uint32_t)id;
		err = id < 0 ? id : 0;
	}
	if (err == -EEXIST)
		log_error("energy-attribution: there is another metric named %s",
		          energy->metric_name);
	return err == -ENOMEM ? log_oom() : err;
}

static int add_field(struct energy *energy)
{
	const struct life_field field = {
		.name = "attributed-energy",
		.metric = energy->metric,
		.unit = &UNIT_JOULE,
		.fold = LIFE_FOLD_SUM,
		.requested = true,
	};

	energy->field = pipeline_add_life_field(energy->context->pipeline, &field);
	return energy->field == -ENOMEM ? log_oom() : energy->field < 0 ? energy->field : 0;
}

static void plan_weights(struct energy *energy)
{
	energy->plan = (struct weight_plan){
		.event = energy->settings->weight,
		.n_cpus = energy->machine.topology.n,
		.n_groups = energy->machine.n_groups,
		.groups = energy->machine.group_of,
		.factors = energy->machine.factors,
		.wants_misses = true,
	};
	pipeline_plan_weights(energy->context->pipeline, &energy->plan);
}

static int set_up(struct energy *energy)
{
	const char *intensity = energy->settings->carbon_intensity;
	int err;

	if (metric_find(energy->context->metrics, METRIC_ENERGY_COUNTS) < 0) {
		log_info("energy-attribution: no energy counters: nothing is attributed");
		return -ENODEV;
	}
	err = formulas_name(&energy->settings->formulas, &energy->metric_name);
	if (err)
		return err;
	energy->has_carbon = intensity && *intensity;
	if (energy->has_carbon)
		energy->grams_per_joule = carbon_intensity(intensity) / JOULES_PER_KWH;
	err = open_machine(energy);
	if (!err)
		err = open_metrics(energy);
	if (!err)
		err = add_field(energy);
	if (err)
		return err;
	find_idle_power(energy);
	plan_weights(energy);
	return 0;
}

static int open_energy(const void *settings, const struct transform_context *context,
                       struct transform **transform)
{
	struct energy *energy = calloc(1, sizeof(*energy));
	int err;

	if (!energy)
		return log_oom();
	energy->settings = settings;
	energy->context = context;
	energy->transform = (struct transform){
		.ops = energy_plugin.transform,
		.window_ns = energy->settings->price_interval_ns,
	};
	err = set_up(energy);
	if (err) {
		close_energy(&energy->transform);
		return err;
	}
	*transform = &energy->transform;
	return 0;
}

/* --- the beginning ----------------------------------------------------------------------------- */

/* The idle power of all packages; those that are given for each count once. */
static double package_watts(const struct idle_power *power)
{
	double watts = 0;

	for (size_t i = 0; i < power->n; i++)
		watts += power->items[i].domain == ENERGY_PACKAGE ? power->items[i].watts : 0;
	return watts;
}

/* "cycles; idle 11.2 W measured on 2026-11-26" */
static void describe_method(struct energy *energy)
{
	const struct idle_power *power = &energy->idle_power;
	char idle[64];

	if (energy->settings->idle == IDLE_NONE)
		snprintf(idle, sizeof(idle), "no idle part");
	else if (energy->settings->idle == IDLE_PROPORTIONAL)
		snprintf(idle, sizeof(idle), "idle shared like the rest");
	else if (power->n > 0 && *power->date)
		snprintf(idle, sizeof(idle), "idle %.3g W measured on %s", package_watts(power),
		         power->date);
	else if (power->n > 0)
		snprintf(idle, sizeof(idle), "idle %.3g W as configured", package_watts(power));
	else
		snprintf(idle, sizeof(idle), "idle by time");
	snprintf(energy->method, sizeof(energy->method), "%s; %s",
	         energy->plan.provided ? energy->plan.provided : "nothing weighed", idle);
}

static int begin_energy(struct transform *transform, const struct life_schema *schema)
{
	struct energy *energy = energy_of(transform);
	const struct metric_registry *metrics = energy->context->metrics;

	energy->counts = metric_find(metrics, METRIC_ENERGY_COUNTS);
	energy->counts_per_joule = metric_find(metrics, METRIC_COUNTS_PER_JOULE);
	energy->refresh = metric_find(metrics, METRIC_ENERGY_REFRESH);
	energy->rows = metric_find(metrics, METRIC_CONSUMED_ENERGY);
	/* Of a job's tasks on one node only the first one's file has what belongs to all. */
	energy->has_parts =
		energy->rows >= 0 && !metric_get(metrics, (uint32_t)energy->rows)->internal;
	energy->process_weight = metric_find(metrics, METRIC_PROCESS_WEIGHT);
	energy->process_misses = metric_find(metrics, METRIC_PROCESS_MISSES);
	energy->cpu_weight = metric_find(metrics, METRIC_CPU_WEIGHT);
	energy->cpu_misses = metric_find(metrics, METRIC_CPU_MISSES);
	energy->cpu_busy = metric_find(metrics, METRIC_CPU_BUSY_TIME);
	describe_method(energy);
	return 0;
}

/* --- points ------------------------------------------------------------------------------------ */

/* The package that a counter belongs to. */
static int package_of(const struct energy *energy, const struct point *point)
{
	const struct topology *topology = &energy->machine.topology;

	if (point->resource_kind != RESOURCE_CPU_CORE)
		return (int)point->resource_id;
	return point->resource_id < topology->n ? (int)topology->cpus[point->resource_id].package
	                                        : 0;
}

static int take_counts(struct energy *energy, const struct point *point)
{
	int err;
	struct zone *zone = zones_of_point(&energy->zones, point, package_of(energy, point), &err);

	if (!zone)
		return err;
	if (point->resource_kind == RESOURCE_CPU_CORE &&
	    point->resource_id < energy->machine.topology.n)
		energy->machine.uses[point->resource_id].energy += point->value.u64;
	zone->counts += point->value.u64;
	energy->energy_ns = point->time_ns;
	return 0;
}

static int take_scale(struct energy *energy, const struct point *point)
{
	int err;
	struct zone *zone = zones_of_point(&energy->zones, point, package_of(energy, point), &err);

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
	if (point->resource_id < WEIGHT_GROUPS_MAX)
		(misses ? consumer->misses : consumer->weights)[point->resource_id] +=
			point->value.u64;
	return 0;
}

/* A row of the counter: of the reading that the last interval ended with, or this one will. */
static int take_row(struct energy *energy, const struct point *point)
{
	if (!energy->has_rows || point->time_ns != energy->priced_ns) {
		energy->rows_are_due = true;
		return 0;
	}
	return energy_push_rows(energy);
}

static int take_point(struct energy *energy, const struct point *point)
{
	const int metric = (int)point->metric;
	struct cpu_use none, *use = &none;

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
	if (point->resource_kind == RESOURCE_CPU_CORE &&
	    point->resource_id < energy->machine.topology.n)
		use = &energy->machine.uses[point->resource_id];
	else
		return 0;
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

static int apply_energy(struct transform *transform, const struct point *points, size_t n,
                        struct pipeline *pipeline)
{
	int err = 0;

	for (size_t i = 0; !err && i < n; i++)
		err = take_point(energy_of(transform), &points[i]);
	return err ? log_oom() : 0;
}

/* --- intervals --------------------------------------------------------------------------------- */

/*
 * The mean error of the whole run's energy that the refresh leaves, in ns of its power: a third of a
 * period where both ends are at no refresh, half of one where one end is, a twentieth, by the jitter
 * of the refresh, where both are.
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

/* The last reading has been made: "cycles; idle by time; ± 0.3 %". */
static void describe_error(struct energy *energy)
{
	const double length_ns = (double)(energy->last_ns - energy->first_ns);
	const size_t length = strlen(energy->method);

	if (length_ns > 0)
		snprintf(energy->method + length, sizeof(energy->method) - length, "; ± %.2g %%",
		         100 * refresh_error_ns(energy) / length_ns);
}

static int end_window(struct transform *transform, const struct window *window)
{
	struct energy *energy = energy_of(transform);
	const uint64_t ns = window->end_ns - window->begin_ns;
	int err;

	if (!energy->first_ns)
		energy->first_ns = window->begin_ns;
	energy->last_ns = window->end_ns;
	energy->n_intervals++;
	if (energy->n_ages == 2 && !energy->is_described) {
		energy->is_described = true;
		describe_error(energy);
	}
	if (energy->weights_ns > energy->energy_ns + ns / LATE_SHARE)
		energy->n_late++;
	err = energy_price(energy, ns);
	energy->has_rows = true;
	energy->priced_ns = energy->energy_ns;
	if (!err && energy->rows_are_due)
		err = energy_push_rows(energy);
	energy->rows_are_due = false;
	return err ? log_oom() : 0;
}

/* A life is delivered after the interval in which it ended: its energy is complete. */
static int take_life(struct transform *transform, struct life *life)
{
	struct energy *energy = energy_of(transform);
	struct consumer *consumer =
		consumers_find(&energy->consumers, life->key.pid, life->key.start_ns);
	uint64_t end_ns;
	int err;

	if (energy->zones.n == 0 || !energy->plan.provided)
		return 0;
	life->values[energy->field] = (struct life_value){
		.type = VALUE_F64,
		.f64 = consumer ? energy_of_process(energy, consumer) : 0,
	};
	if (!consumer || !life->ended)
		return 0;
	end_ns = clock_to_realtime(life->end_ns);
	if (end_ns > energy->energy_ns)
		end_ns = energy->energy_ns;
	err = energy_push_process(energy, consumer, end_ns);
	consumers_remove(&energy->consumers, consumer);
	return err ? log_oom() : 0;
}

static int end_energy(struct transform *transform)
{
	struct energy *energy = energy_of(transform);

	if (!energy->plan.provided)
		return 0;
	if (energy->has_rows && energy_push_rows(energy))
		return log_oom();
	return energy_add_figures(energy) ? log_oom() : 0;
}

/* Half as long again as they were to be, on average: that does not happen by chance. */
static void report_stretching(const struct energy *energy,
                              void (*say)(void *data, enum report_kind kind, const char *line),
                              void *data)
{
	const uint64_t wanted_ns = energy->settings->price_interval_ns;
	const uint64_t span_ns = energy->last_ns - energy->first_ns;
	char line[256];

	if (energy->n_intervals < 4 || span_ns / energy->n_intervals < wanted_ns + wanted_ns / 2)
		return;
	snprintf(line, sizeof(line),
	         "energy-attribution: price intervals lasted %llu ms on average, not %llu ms: "
	         "looking more often would take more than 1 %% of a CPU",
	         (unsigned long long)(span_ns / energy->n_intervals / NSEC_PER_MSEC),
	         (unsigned long long)(wanted_ns / NSEC_PER_MSEC));
	say(data, REPORT_NOTE, line);
}

static void report_energy(struct transform *transform,
                          void (*say)(void *data, enum report_kind kind, const char *line),
                          void *data)
{
	const struct energy *energy = energy_of(transform);
	char line[256];

	report_stretching(energy, say, data);
	if (energy->n_late == 0)
		return;
	snprintf(line, sizeof(line),
	         "energy-attribution: in %llu of %llu intervals the agent was held up between "
	         "reading energy and weights: what processes used is less exact there",
	         (unsigned long long)energy->n_late, (unsigned long long)energy->n_intervals);
	say(data, REPORT_NOTE, line);
}

static const struct transform_ops ops = {
	.open = open_energy,
	.begin = begin_energy,
	.apply = apply_energy,
	.end_window = end_window,
	.life = take_life,
	.end = end_energy,
	.report = report_energy,
	.close = close_energy,
};

const struct plugin energy_plugin = {
	.kind = PLUGIN_TRANSFORM,
	.name = "energy-attribution",
	.help = "energy of each process",
	.settings = energy_settings_table,
	.settings_size = sizeof(struct energy_settings),
	.def = PLUGIN_AUTO,
	.check = energy_check,
	.transform = &ops,
};
