/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Energy of processes: the transform energy-attribution. See docs/energy.md. */
#ifndef TRANSFORMS_ENERGY_ENERGY_H
#define TRANSFORMS_ENERGY_ENERGY_H

#include <stdbool.h>
#include <stdint.h>

#include "alumet/plugin.h"
#include "alumet/weights.h"
#include "core/parallel_task.h"
#include "transforms/energy/consumers.h"
#include "energy/idle_power.h"
#include "transforms/energy/machine.h"
#include "energy/zones.h"

/* How the idle part is determined: the setting idle. */
enum idle_method { IDLE_AUTO, IDLE_TIME, IDLE_NONE, IDLE_PROPORTIONAL };

/* [plugins.energy-attribution] */
struct energy_settings {
	uint64_t price_interval_ns;
	char *weight;
	int idle; /* enum idle_method */
	char *idle_watts;
	char *calibration;
	char *smt_yield;
	char *core_factors;
	char *carbon_intensity;
	char *sysroot;
	struct setting_list formulas; /* rename: the metric's name, text: its keys */
};

extern const struct setting energy_settings_table[];

struct energy {
	struct transform transform; /* first: the pipeline's part */
	const struct energy_settings *settings;
	const struct transform_context *context;
	const char *metric_name;
	uint32_t metric, carbon_metric; /* of the rows */
	bool has_carbon;
	double grams_per_joule;
	int field; /* of the lives */
	/* Metrics that are read; -1: no source has registered it. */
	int counts, counts_per_joule, refresh, rows;
	int process_weight, process_misses, cpu_weight, cpu_misses, cpu_busy;

	struct weight_plan plan;
	struct machine machine;
	struct idle_power idle_power;
	const char *idle_reason; /* why watts are not used; NULL: they are, or were not wanted */
	char method[192];
	uint64_t age_ns[2]; /* maximum age of the counts of the run's first and last reading */
	unsigned int n_ages;
	bool is_described; /* method includes the error */

	struct zones zones;
	struct consumers consumers;
	const char *host; /* host_name, for rows of parts; NULL: not a task of a job */
	char host_name[PARALLEL_TASK_HOST_SIZE];
	bool has_parts;                 /* the run has rows for energy of no process */
	bool rows_are_due;              /* at the end of this interval */
	bool has_rows;                  /* an interval was divided since the last rows */
	uint64_t begun_ns;              /* CLOCK_REALTIME of the reading at the start */
	uint64_t energy_ns, weights_ns; /* CLOCK_REALTIME of the latest of each in the interval */
	uint64_t priced_ns;             /* energy_ns of the last interval that was divided */
	uint64_t weighed_ns;            /* CLOCK_MONOTONIC of the weights of the last interval */
	bool is_over; /* in this interval the processes weigh more than the CPUs they ran on */
	uint64_t n_intervals, n_late;
	uint64_t n_prolonged;       /* sum over the windows */
	uint64_t first_ns, last_ns; /* CLOCK_MONOTONIC: span of all intervals */
};

/*
 * Find the energy counters' metrics, the CPUs and the idle power, and register what the transform
 * adds. Returns 0, or after logging it -ENODEV if nothing can be attributed on this machine,
 * -EINVAL or -ENOMEM.
 */
int energy_set_up(struct energy *energy);

/* Set method once the zones are known: "cycles; idle 11.2 W measured on 2026-11-26". */
void energy_describe_method(struct energy *energy);

/* Append the mean error to method after the last reading: "; ± 0.3 %". */
void energy_describe_error(struct energy *energy);

/* Add a point to the current interval. Returns 0 or -ENOMEM. */
int energy_take_point(struct energy *energy, const struct point *point);

/* Divide the energy of an interval. Returns 0 or -ENOMEM. */
int energy_price(struct energy *energy, const struct window *window);

/* Push rows of the parts and of every process, at the time of the energy reading. */
int energy_push_rows(struct energy *energy);

/* Push the rows of a process that has ended. */
int energy_push_process(struct energy *energy, struct consumer *consumer, uint64_t realtime_ns);

/*
 * Add the summary's figures at the end of the run: the energy that no process of the tree has, and
 * the total, whose note is the method. Returns 0 or -ENOMEM.
 */
int energy_add_figures(const struct energy *energy);

/* The energy of a process in joules, over all zones that are summed. */
double energy_of_process(const struct energy *energy, const struct consumer *consumer);

/* Report what makes the energy less exact than it could be on this machine. */
enum check_result energy_check(const void *settings, struct check *check);

extern const struct plugin energy_plugin;

#endif
