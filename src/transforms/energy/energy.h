/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Energy of processes: the transform energy-attribution. See docs/energy.md. */
#ifndef ENERGY_ENERGY_H
#define ENERGY_ENERGY_H

#include <stdbool.h>
#include <stdint.h>

#include "alumet/plugin.h"
#include "alumet/weights.h"
#include "transforms/energy/consumers.h"
#include "transforms/energy/idle_power.h"
#include "transforms/energy/machine.h"
#include "transforms/energy/zones.h"

/* Where the idle part comes from: the setting idle. */
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
	struct transform transform; /* first: what the pipeline knows */
	const struct energy_settings *settings;
	const struct transform_context *context;
	const char *metric_name;
	uint32_t metric, carbon_metric; /* of the rows */
	bool has_carbon;
	double grams_per_joule;
	int field; /* of the lives */
	/* Metrics that are read; -1: nobody has registered it. */
	int counts, counts_per_joule, refresh, rows;
	int process_weight, process_misses, cpu_weight, cpu_misses, cpu_busy;

	struct weight_plan plan;
	struct machine machine;
	struct idle_power idle_power;
	const char *idle_reason; /* why watts are not used; NULL: they are, or were not asked for */
	char method[192];
	uint64_t age_ns[2]; /* how old the counts of the run's first and last reading can be */
	unsigned int n_ages;
	bool is_described; /* method has the error, too */

	struct zones zones;
	struct consumers consumers;
	bool has_parts;                 /* rows of what no process has are wanted in this run */
	bool rows_are_due;              /* at the end of this interval */
	bool has_rows;                  /* an interval was shared out since the last rows */
	uint64_t energy_ns, weights_ns; /* CLOCK_REALTIME of the latest of each in the interval */
	uint64_t priced_ns;             /* energy_ns of the last interval that was shared out */
	uint64_t n_intervals, n_late, n_over;
	uint64_t first_ns, last_ns; /* CLOCK_MONOTONIC: what all intervals span */
};

/* Share out the energy of an interval of ns. Returns 0 or -ENOMEM. */
int energy_price(struct energy *energy, uint64_t ns);

/* Push rows of the parts and of every process, at the time of the energy's reading. */
int energy_push_rows(struct energy *energy);

/* Push the rows of one process that has ended. */
int energy_push_process(struct energy *energy, struct consumer *consumer, uint64_t realtime_ns);

/*
 * Tell summaries what no process of the tree has, and the total, whose note is the method. At the run's end.
 * Returns 0 or -ENOMEM.
 */
int energy_add_figures(const struct energy *energy);

/* The energy of a process over all zones that are summed, in joules. */
double energy_of_process(const struct energy *energy, const struct consumer *consumer);

/* What makes it less exact than it could be on this machine. */
enum check_result energy_check(const void *settings, struct check *check);

extern const struct plugin energy_plugin;

#endif
