/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "calibrate/calibrate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calibrate/meter.h"
#include "core/clock.h"
#include "core/exit_status.h"
#include "core/log.h"
#include "run/stages.h"

/* The role of the plugins that calibrate uses. */
#define ROLE "calibrate"

/* Enable only the plugins of this kind with the role; each must find what it needs. */
static void enable_only(struct config *config, enum plugin_kind kind)
{
	for (size_t i = 0; i < config->n; i++) {
		struct plugin_config *plugin = &config->plugins[i];
		const char *role = plugin->plugin->role;

		plugin->enabled = plugin->plugin->kind == kind && role && strcmp(role, ROLE) == 0;
		plugin->required = plugin->enabled;
	}
}

static bool some_source_failed(const struct stages *stages)
{
	for (size_t i = 0; i < stages->n_sources; i++) {
		if (stages->sources[i].failed)
			return true;
	}
	return false;
}

/* Measure second by second until enough seconds were quiet, for at most a minute. */
static int measure(struct stages *stages, const struct meter *meter, struct idle_power *power)
{
	const struct timespec second = {.tv_sec = 1};
	int err = pipeline_begin(stages->pipeline);
	double busy = 0;

	for (size_t n = 0; !err && n < METER_PIECES; n++) {
		clock_nanosleep(CLOCK_MONOTONIC, 0, &second, NULL);
		stages_end_window(stages);
		if (meter->n <= n || some_source_failed(stages)) /* logged */
			return -EIO;
		busy += meter->pieces[n].busy / METER_PIECES;
		if (!calibration_conclude(meter->pieces, meter->n, power))
			return 0;
	}
	if (err)
		return err;
	return log_errno(-EBUSY,
	                 "the machine is not idle: its CPUs were busy for %.0f %% of a "
	                 "minute\nstop what runs on it, and try again",
	                 100 * busy);
}

static int open_and_measure(struct stages *stages, const struct config *config, struct meter *meter,
                            struct idle_power *power)
{
	int err = pipeline_add_transform(stages->pipeline, &meter->transform);

	if (err)
		return log_oom();
	err = stages_open(stages, config);
	if (!err)
		err = stages_start(stages);
	if (err)
		return err;
	fprintf(stderr, "measuring what this machine draws when idle: 10 s, a minute at most\n");
	return measure(stages, meter, power);
}

static int measure_idle_power(const struct config *config, const char *sysroot,
                              struct idle_power *power)
{
	struct stages stages;
	struct meter meter;
	int err = stages_init(&stages, config->n);

	if (err) {
		log_oom();
	} else {
		err = meter_init(&meter, sysroot, stages.metrics);
		if (!err)
			err = open_and_measure(&stages, config, &meter, power);
		meter_fini(&meter);
	}
	stages_close(&stages);
	return err;
}

static void set_date(struct idle_power *power)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_format_rfc3339(clock_to_realtime(clock_monotonic_ns()), text);
	memcpy(power->date, text, sizeof(power->date) - 1);
}

static int refuse(const char *path, int err)
{
	return log_errno(err,
	                 "cannot write %s: %s\nrun as root, or name another file: "
	                 "--config-override 'plugins.energy-attribution.calibration=\"FILE\"'",
	                 path, strerror(-err));
}

static int store(const char *path, const char *sysroot, struct idle_power *power)
{
	char identity[MACHINE_IDENTITY_SIZE];
	int err;

	machine_identity(sysroot, identity);
	set_date(power);
	err = calibration_write(path, identity, power);
	if (err)
		return refuse(path, err);
	for (size_t i = 0; i < power->n; i++)
		printf("%s of package %d: %.2f W\n", energy_domain_name(power->items[i].domain),
		       power->items[i].package, power->items[i].watts);
	printf("stored in %s; valid on this machine only\n", path);
	return 0;
}

int calibrate(const struct config_request *request)
{
	struct idle_power power = {.n = 0};
	struct config config;
	const char *path, *sysroot;
	int err = config_load(request, &config);

	if (!err) {
		enable_only(&config, PLUGIN_TRANSFORM);
		path = config_setting_text(&config, ROLE, "calibration");
		sysroot = config_setting_text(&config, ROLE, "sysroot");
		enable_only(&config, PLUGIN_SOURCE);
		err = calibration_check(path);
		err = err ? refuse(path, err) : measure_idle_power(&config, sysroot, &power);
		if (!err)
			err = store(path, sysroot, &power);
	}
	config_free(&config);
	return err ? EXIT_AGENT : EXIT_SUCCESS;
}
