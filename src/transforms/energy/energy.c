/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "transforms/energy/energy.h"

#include <stdio.h>
#include <stdlib.h>

#include "alumet/energy.h"
#include "core/clock.h"
#include "core/log.h"

/*
 * The energy is read before the weights; a gap of more than 1/LATE_SHARE of an interval, at its
 * begin or its end, is reported, as is one between the weights of the CPUs and those of the
 * processes, which then are more than those of the CPUs.
 */
#define LATE_SHARE 10

/* The processes of points are scattered in memory: prefetch those of this many points ahead. */
#define PREFETCH 4

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
	err = energy_set_up(energy);
	if (err) {
		close_energy(&energy->transform);
		return err;
	}
	*transform = &energy->transform;
	return 0;
}

static int begin_energy(struct transform *transform, const struct life_schema *schema)
{
	struct energy *energy = energy_of(transform);
	const struct metric_registry *metrics = energy->context->metrics;

	energy->counts = metric_find(metrics, METRIC_ENERGY_COUNTS);
	energy->counts_per_joule = metric_find(metrics, METRIC_COUNTS_PER_JOULE);
	energy->refresh = metric_find(metrics, METRIC_ENERGY_REFRESH);
	energy->rows = metric_find(metrics, METRIC_CONSUMED_ENERGY);
	/* Of a job's tasks on a node, only the first one writes what belongs to the whole node. */
	energy->has_parts =
		energy->rows >= 0 && !metric_get(metrics, (uint32_t)energy->rows)->internal;
	energy->host = parallel_task_host(energy->host_name);
	energy->process_weight = metric_find(metrics, METRIC_PROCESS_WEIGHT);
	energy->process_misses = metric_find(metrics, METRIC_PROCESS_MISSES);
	energy->cpu_weight = metric_find(metrics, METRIC_CPU_WEIGHT);
	energy->cpu_misses = metric_find(metrics, METRIC_CPU_MISSES);
	energy->cpu_busy = metric_find(metrics, METRIC_CPU_BUSY_TIME);
	return 0;
}

static int apply_energy(struct transform *transform, const struct point *points, size_t n,
                        struct pipeline *pipeline)
{
	struct energy *energy = energy_of(transform);
	int err = 0;

	for (size_t i = 0; !err && i < n; i++) {
		const struct point *ahead = &points[i + PREFETCH < n ? i + PREFETCH : i];

		if (ahead->consumer_kind == CONSUMER_PROCESS)
			consumers_prefetch(&energy->consumers, ahead->consumer_id,
			                   ahead->consumer_start_ns);
		err = energy_take_point(energy, &points[i]);
	}
	return err ? log_oom() : 0;
}

/* --- intervals -------------------------------------------------------------------------------- */

static bool is_late(const struct energy *energy, uint64_t ns)
{
	const uint64_t most = ns / LATE_SHARE;

	return energy->weights_ns > energy->energy_ns + most ||
	       (energy->n_intervals == 1 &&
	        clock_to_realtime(energy->plan.begun_ns) > energy->begun_ns + most);
}

static int end_window(struct transform *transform, const struct window *window)
{
	struct energy *energy = energy_of(transform);
	const uint64_t ns = window->end_ns - window->begin_ns;
	bool late;
	int err;

	if (!energy->first_ns)
		energy->first_ns = window->begin_ns;
	energy->last_ns = window->end_ns;
	energy->n_intervals++;
	energy->n_prolonged += window->n_prolonged;
	/* The zones to which the watts belong are known only after the first readings. */
	if (energy->n_intervals == 1)
		energy_describe_method(energy);
	if (energy->n_ages == 2 && !energy->is_described) {
		energy->is_described = true;
		energy_describe_error(energy);
	}
	late = is_late(energy, ns);
	energy->is_over = false;
	err = energy_price(energy, window);
	energy->n_late += late || energy->is_over;
	energy->has_rows = true;
	energy->priced_ns = energy->energy_ns;
	if (!err && energy->rows_are_due)
		err = energy_push_rows(energy);
	energy->rows_are_due = false;
	return err ? log_oom() : 0;
}

/* A life arrives after the interval in which it ended, so that its energy is complete. */
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

/*
 * Report intervals that were made 1.5 times as long as the setting on average because of what
 * sampling costs, not those in which the agent was stopped or had no CPU.
 */
static void report_stretching(const struct energy *energy,
                              void (*say)(void *data, enum report_kind kind, const char *line),
                              void *data)
{
	const uint64_t wanted_ns = energy->settings->price_interval_ns;
	const uint64_t n = energy->n_intervals;
	char line[256];

	if (n < 4 || energy->n_prolonged < n / 2)
		return;
	snprintf(line, sizeof(line),
	         "energy-attribution: price intervals lasted %llu ms on average, not %llu ms: "
	         "sampling more often would take more than 1 %% of a CPU",
	         (unsigned long long)(wanted_ns * (n + energy->n_prolonged) / n / NSEC_PER_MSEC),
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
	.role = "calibrate",
	.check = energy_check,
	.transform = &ops,
};
