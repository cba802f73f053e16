/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/plugins_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "doctor/doctor.h"
#include "core/wrap.h"
#include "core/exit_status.h"
#include "core/log.h"

static const char *kind_name(enum plugin_kind kind)
{
	switch (kind) {
	case PLUGIN_SOURCE:
		return "source";
	case PLUGIN_TRANSFORM:
		return "transform";
	case PLUGIN_OUTPUT:
		return "output";
	}
	return "";
}

/* What an examination says about a plugin. One that it says nothing about works anywhere. */
static const char *works_here(const struct report *report, const char *name)
{
	if (strcmp(name, "rapl") == 0)
		return report_count(report, AREA_RAPL, GOOD) > 0 ? "works" : "no energy counter";
	if (strcmp(name, "perf") != 0)
		return "works";
	for (enum report_area area = AREA_KERNEL; area <= AREA_EVENTS; area++) {
		if (report_count(report, area, FATAL) > 0)
			return "does not work";
	}
	return report_count(report, AREA_EVENTS, LACKING) > 0 ? "works in part" : "works";
}

/* As wide as the columns before the last one. */
#define INDENT "                                              "

static void print_list(const struct config *config, const struct report *report)
{
	printf("%-7s  %-9s  %-5s  %-17s  %s\n", "NAME", "KIND", "STATE", "HERE", "WHAT");
	for (size_t i = 0; i < config->n; i++) {
		const struct plugin_config *plugin = &config->plugins[i];

		printf("%-7s  %-9s  %-5s  %-17s  ", plugin->plugin->name,
		       kind_name(plugin->plugin->kind), plugin->enabled ? "on" : "off",
		       works_here(report, plugin->plugin->name));
		wrap_print(stdout, plugin->plugin->help, sizeof(INDENT) - 1, INDENT);
	}
	puts("\n'alumet-agent doctor' tells what does not work and why. Switch plugins on and\n"
	     "off with --plugins, or with enabled = true or false in their tables of the\n"
	     "configuration.");
}

int plugins_list(const struct config_request *request)
{
	struct report report = {0};
	struct config config;
	int status = EXIT_AGENT;

	if (config_load(request, &config) == 0) {
		doctor_examine(&config, &report);
		print_list(&config, &report);
		status = EXIT_SUCCESS;
	}
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("cannot write the list: %s", strerror(errno ? errno : EIO));
		status = EXIT_AGENT;
	}
	report_free(&report);
	config_free(&config);
	return status;
}
