/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/plugins_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "doctor/doctor.h"
#include "core/wrap.h"
#include "plugins/plugins.h"
#include "core/exit_status.h"
#include "core/log.h"
#include "core/log_write.h"

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

static const char *result_name(enum check_result result)
{
	switch (result) {
	case CHECK_WORKS:
		return "works";
	case CHECK_IN_PART:
		return "works in part";
	case CHECK_NOTHING:
		return "nothing to read";
	case CHECK_FAILS:
		return "does not work";
	}
	return "";
}

static const char *state_name(const struct plugin_config *plugin)
{
	if (!plugin->enabled)
		return "off";
	return plugin->is_auto ? "auto" : "on";
}

/* Width of the columns KIND, STATE and HERE, with the blanks between them. */
#define MIDDLE_WIDTH 38

static void print_list(const struct config *config, const enum check_result *results)
{
	char indent[WRAP_WIDTH] = "";
	int width = (int)strlen("NAME");

	for (size_t i = 0; i < config->n; i++) {
		const int length = (int)strlen(config->plugins[i].plugin->name);

		width = length > width ? length : width;
	}
	snprintf(indent, sizeof(indent), "%*s", width + MIDDLE_WIDTH, "");
	printf("%-*s  %-9s  %-5s  %-16s  %s\n", width, "NAME", "KIND", "STATE", "HERE", "WHAT");
	for (size_t i = 0; i < config->n; i++) {
		const struct plugin_config *plugin = &config->plugins[i];

		printf("%-*s  %-9s  %-5s  %-16s  ", width, plugin->plugin->name,
		       kind_name(plugin->plugin->kind), state_name(plugin),
		       result_name(results[i]));
		wrap_print(stdout, plugin->plugin->help, strlen(indent), indent);
	}
	puts("\n'alumet-agent doctor' shows what does not work and why. Switch plugins on and\n"
	     "off with --plugins, or with enabled = true or false in their tables of the\n"
	     "configuration.");
}

int plugins_list(const struct config_request *request)
{
	struct findings findings = {0};
	enum check_result *results;
	struct config config;
	int status = EXIT_AGENT;

	if (config_load(request, &config) == 0) {
		results = calloc(config.n, sizeof(*results));
		if (results) {
			doctor_examine(&config, &findings, results);
			print_list(&config, results);
			status = EXIT_SUCCESS;
		} else {
			log_oom();
		}
		free(results);
	}
	if (log_flush_output("the list"))
		status = EXIT_AGENT;
	findings_free(&findings);
	config_free(&config);
	return status;
}
