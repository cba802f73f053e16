/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "calibrate/calibrate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/exit_status.h"
#include "sources/rapl/choice.h"
#include "sources/rapl/rapl.h"
#include "transforms/energy/energy.h"

/* A machine that has not been quiet for so many seconds of a minute is not idle. */
#define MOST_PIECES 60

/* The columns of /proc/stat's first line that are idle time. */
enum { STAT_IDLE = 3, STAT_IOWAIT = 4, STAT_COLUMNS = 8 };

struct cpu_times {
	unsigned long long idle, all;
};

static int read_times(struct cpu_times *times)
{
	FILE *stat = fopen("/proc/stat", "re");
	unsigned long long column;

	*times = (struct cpu_times){0};
	if (!stat)
		return -errno;
	if (fscanf(stat, "cpu") == 0) {
		for (int i = 0; i < STAT_COLUMNS && fscanf(stat, "%llu", &column) == 1; i++) {
			times->all += column;
			times->idle += i == STAT_IDLE || i == STAT_IOWAIT ? column : 0;
		}
	}
	fclose(stat);
	return times->all ? 0 : -EIO;
}

static void read_counters(struct rapl_backend *backend)
{
	const uint64_t now_ns = clock_monotonic_ns();

	backend->ops->read(backend, true);
	for (size_t i = 0; i < backend->n_domains; i++)
		rapl_domain_update(&backend->domains[i], now_ns);
}

/* Which of the attribution's domains it is; ENERGY_DOMAINS: none. */
static enum energy_domain domain_of(const struct rapl_domain *domain)
{
	const char *name = rapl_kind_name(domain->id.kind);

	return energy_domain_find(name, strlen(name));
}

/* The watts of a piece: dies and cores of a package summed. */
static void add_watts(struct rapl_backend *backend, double seconds, struct calibration_piece *piece)
{
	for (size_t i = 0; i < backend->n_domains; i++) {
		struct rapl_domain *counter = &backend->domains[i];
		const enum energy_domain domain = domain_of(counter);
		const double joules = (double)rapl_domain_take(counter);
		double *watts;

		if (domain == ENERGY_DOMAINS || counter->id.package >= 16)
			continue;
		watts = &piece->watts[domain][counter->id.package];
		*watts = (*watts < 0 ? 0 : *watts) + joules / seconds;
	}
	/* Of a package the CPUs' part is attributed. */
	for (size_t package = 0; package < 16; package++) {
		const double graphics = piece->watts[ENERGY_PP1][package];

		if (graphics > 0 && piece->watts[ENERGY_PACKAGE][package] >= graphics)
			piece->watts[ENERGY_PACKAGE][package] -= graphics;
	}
}

static int measure_piece(struct rapl_backend *backend, struct calibration_piece *piece)
{
	const struct timespec second = {.tv_sec = 1};
	struct cpu_times before, after;
	uint64_t start_ns;
	int err = read_times(&before);

	if (err)
		return err;
	read_counters(backend);
	for (size_t i = 0; i < backend->n_domains; i++)
		rapl_domain_take(&backend->domains[i]);
	start_ns = clock_monotonic_ns();
	clock_nanosleep(CLOCK_MONOTONIC, 0, &second, NULL);
	read_counters(backend);
	err = read_times(&after);
	for (enum energy_domain domain = 0; domain < ENERGY_DOMAINS; domain++) {
		for (size_t package = 0; package < 16; package++)
			piece->watts[domain][package] = -1;
	}
	add_watts(backend, (double)(clock_monotonic_ns() - start_ns) / 1e9, piece);
	piece->busy = after.all > before.all ? 1 - (double)(after.idle - before.idle) /
	                                                       (double)(after.all - before.all)
	                                     : 0;
	return err;
}

/* Until enough pieces were quiet. */
static int measure(struct rapl_backend *backend, struct idle_power *power)
{
	struct calibration_piece *pieces = calloc(MOST_PIECES, sizeof(*pieces));
	int err = pieces ? -EBUSY : -ENOMEM;
	double busy = 0;

	for (size_t n = 0; err == -EBUSY && n < MOST_PIECES; n++) {
		err = measure_piece(backend, &pieces[n]);
		busy += pieces[n].busy / MOST_PIECES;
		if (!err)
			err = calibration_conclude(pieces, n + 1, power);
	}
	free(pieces);
	if (err == -EBUSY)
		return log_errno(err,
		                 "the machine is not idle: its CPUs were busy for %.0f %% of a "
		                 "minute\nstop what runs on it, and try again",
		                 100 * busy);
	return err ? log_errno(err, "cannot measure: %s", strerror(-err)) : 0;
}

static const void *settings_of(const struct config *config, const char *plugin)
{
	for (size_t i = 0; i < config->n; i++) {
		if (strcmp(config->plugins[i].plugin->name, plugin) == 0)
			return config->plugins[i].settings;
	}
	return NULL;
}

static void set_date(struct idle_power *power)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_format_rfc3339(clock_to_realtime(clock_monotonic_ns()), text);
	memcpy(power->date, text, sizeof(power->date) - 1);
}

static int store(const struct energy_settings *settings, struct idle_power *power)
{
	char identity[MACHINE_IDENTITY_SIZE];
	int err;

	machine_identity(settings->sysroot, identity);
	set_date(power);
	err = calibration_write(settings->calibration, identity, power);
	if (err)
		return log_errno(err,
		                 "cannot write %s: %s\nrun as root, or name another file: "
		                 "--config-override 'plugins.energy-attribution.calibration="
		                 "\"FILE\"'",
		                 settings->calibration, strerror(-err));
	for (size_t i = 0; i < power->n; i++)
		printf("%s of package %d: %.2f W\n", energy_domain_name(power->items[i].domain),
		       power->items[i].package, power->items[i].watts);
	printf("stored in %s; valid on this machine only\n", settings->calibration);
	return 0;
}

static int calibrate_with(const struct rapl_settings *rapl, const struct energy_settings *energy)
{
	struct rapl_machine machine;
	struct rapl_backend *backend = NULL;
	struct idle_power power;
	int err = rapl_machine_open(&machine, rapl->sysroot);

	if (err)
		log_error("sysroot '%s' cannot be opened: %s", rapl->sysroot, strerror(-err));
	if (!err)
		err = rapl_choose(&machine, (enum rapl_wish)rapl->backend, rapl->no_perf_events,
		                  true, &backend);
	if (!err) {
		fprintf(stderr,
		        "measuring what this machine draws when idle: 10 s, a minute at most\n");
		err = measure(backend, &power);
	}
	if (!err)
		err = store(energy, &power);
	if (backend)
		backend->ops->close(backend);
	rapl_machine_close(&machine);
	return err;
}

int calibrate(const struct config_request *request)
{
	struct config config;
	int err = config_load(request, &config);

	if (!err)
		err = calibrate_with(settings_of(&config, "rapl"),
		                     settings_of(&config, "energy-attribution"));
	config_free(&config);
	return err ? EXIT_AGENT : EXIT_SUCCESS;
}
