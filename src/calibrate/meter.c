/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "calibrate/meter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alumet/energy.h"
#include "core/clock.h"
#include "core/log.h"
#include "linux/sysfs.h"

/* Columns of the first line of /proc/stat, and which of them are idle time. */
enum { STAT_IDLE = 3, STAT_IOWAIT = 4, STAT_COLUMNS = 8 };

static struct meter *meter_of(struct transform *transform)
{
	return (struct meter *)transform;
}

/* --- the CPUs --------------------------------------------------------------------------------- */

static int read_times(int root, struct cpu_times *times)
{
	char text[512], *at = text + strlen("cpu"), *end;
	int length = sysfs_read(root, "proc/stat", text, sizeof(text));

	*times = (struct cpu_times){0};
	if (length < 0)
		return length;
	if (strncmp(text, "cpu ", strlen("cpu ")) != 0)
		return -EBADMSG;
	for (int i = 0; i < STAT_COLUMNS; i++) {
		const unsigned long long column = strtoull(at, &end, 10);

		if (end == at)
			return -EBADMSG;
		times->all += column;
		times->idle += i == STAT_IDLE || i == STAT_IOWAIT ? column : 0;
		at = end;
	}
	return 0;
}

/* iowait may decrease (proc_stat(5)): a busy second must not look quiet. */
static double busy_share(const struct cpu_times *before, const struct cpu_times *after)
{
	if (after->all <= before->all)
		return 0;
	return 1 -
	       ((double)after->idle - (double)before->idle) / (double)(after->all - before->all);
}

/* --- the counters ----------------------------------------------------------------------------- */

static int take_point(struct meter *meter, const struct point *point, bool is_scale)
{
	int err;
	struct zone *zone = zones_of_point(&meter->zones, point, &meter->topology, &err);

	if (zone && is_scale)
		zone->counts_per_joule = point->value.f64;
	else if (zone)
		zone->counts += point->value.u64;
	return err ? log_oom() : 0;
}

static int apply_meter(struct transform *transform, const struct point *points, size_t n,
                       struct pipeline *pipeline)
{
	struct meter *meter = meter_of(transform);
	const int counts = metric_find(meter->metrics, METRIC_ENERGY_COUNTS);
	const int scale = metric_find(meter->metrics, METRIC_COUNTS_PER_JOULE);
	int err = 0;

	for (size_t i = 0; !err && i < n; i++) {
		const int metric = (int)points[i].metric;

		if (metric == counts || metric == scale)
			err = take_point(meter, &points[i], metric == scale);
	}
	return err;
}

/* The watts of a piece, summed over the dies of a package. */
static void take_watts(struct meter *meter, double seconds, struct calibration_piece *piece)
{
	for (enum energy_domain domain = 0; domain < ENERGY_DOMAINS; domain++) {
		for (size_t package = 0; package < CALIBRATION_PACKAGES; package++)
			piece->watts[domain][package] = -1;
	}
	for (size_t i = 0; i < meter->zones.n; i++) {
		struct zone *zone = &meter->zones.items[i];
		const double joules = zone_joules(zone, zone->counts);
		double *watts;

		zone->counts = 0;
		if (zone->package < 0 || zone->package >= CALIBRATION_PACKAGES)
			continue;
		watts = &piece->watts[zone->domain][zone->package];
		*watts = (*watts < 0 ? 0 : *watts) + joules / seconds;
	}
	/* Only the CPUs' share of a package is attributed. */
	for (size_t package = 0; package < CALIBRATION_PACKAGES; package++) {
		const double graphics = piece->watts[ENERGY_PP1][package];

		if (graphics > 0 && piece->watts[ENERGY_PACKAGE][package] >= graphics)
			piece->watts[ENERGY_PACKAGE][package] -= graphics;
	}
}

/* --- the windows ------------------------------------------------------------------------------ */

static int log_times(int err)
{
	return err ? log_errno(err, "cannot measure: how busy the CPUs are, in proc/stat: %s",
	                       err == -EBADMSG ? "not its format" : strerror(-err))
	           : 0;
}

static int begin_meter(struct transform *transform, const struct life_schema *schema)
{
	struct meter *meter = meter_of(transform);

	return log_times(read_times(meter->root, &meter->times));
}

static int end_window(struct transform *transform, const struct window *window)
{
	struct meter *meter = meter_of(transform);
	struct calibration_piece *piece = &meter->pieces[meter->n];
	struct cpu_times times;
	int err = read_times(meter->root, &times);

	if (err || meter->n == METER_PIECES)
		return log_times(err);
	take_watts(meter, (double)(window->end_ns - window->begin_ns) / 1e9, piece);
	piece->busy = busy_share(&meter->times, &times);
	meter->times = times;
	meter->n++;
	return 0;
}

/* --- all of it -------------------------------------------------------------------------------- */

int meter_init(struct meter *meter, const char *sysroot, const struct metric_registry *metrics)
{
	static const struct transform_ops ops = {
		.begin = begin_meter,
		.apply = apply_meter,
		.end_window = end_window,
	};
	int err;

	*meter = (struct meter){
		.transform = {.ops = &ops, .window_ns = NSEC_PER_SEC},
		.metrics = metrics,
		.root = sysfs_open_root(sysroot),
	};
	err = meter->root < 0 ? meter->root : topology_read(sysroot, &meter->topology);
	if (err)
		return log_errno(err, "cannot measure: the CPUs below %s cannot be listed: %s",
		                 sysroot, strerror(-err));
	return 0;
}

void meter_fini(struct meter *meter)
{
	if (meter->root >= 0)
		close(meter->root);
	topology_free(&meter->topology);
	zones_fini(&meter->zones);
}
