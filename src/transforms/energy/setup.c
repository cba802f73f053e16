/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the transform reads before the command starts, and what it registers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alumet/energy.h"
#include "core/log.h"
#include "core/pipeline.h"
#include "transforms/energy/carbon.h"
#include "transforms/energy/energy.h"
#include "transforms/energy/formulas.h"

#define JOULES_PER_KWH 3.6e6

static const struct unit gram_co2 = {"gCO\xe2\x82\x82", "g{CO2}"};

/* Find the configured watts, or else those measured on this machine. */
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
		         err == -EBADMSG ? "it was not written by alumet-agent calibrate"
		                         : strerror(-err));
}

static int open_machine(struct energy *energy)
{
	const struct energy_settings *settings = energy->settings;
	/* Never silent: there are energy counters. */
	const enum absence absence =
		energy->context->absence == ABSENCE_ERROR ? ABSENCE_ERROR : ABSENCE_WARNING;
	int err = machine_init(&energy->machine, settings->sysroot, atof(settings->smt_yield),
	                       settings->core_factors);

	if (!err || err == -EINVAL)
		return err;
	if (err == -ENOMEM)
		return log_oom();
	if (err == -E2BIG)
		return log_absence(absence,
		                   "energy-attribution: more than %d CPU packages: not attributed",
		                   WEIGHT_GROUPS_MAX);
	return log_absence(absence,
	                   "energy-attribution: the CPUs below %s cannot be listed (%s): not "
	                   "attributed",
	                   settings->sysroot, strerror(-err));
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

int energy_set_up(struct energy *energy)
{
	const char *intensity = energy->settings->carbon_intensity;
	int err;

	if (metric_find(energy->context->metrics, METRIC_ENERGY_COUNTS) < 0) {
		return log_absence(energy->context->absence,
		                   "energy-attribution: no energy counter is read: nothing can be "
		                   "attributed\n"
		                   "'alumet-agent doctor' shows which source lacks what");
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
