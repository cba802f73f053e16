/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The doctor opens the outputs, which changes nothing that exists, and closes them again. */
#include <stdlib.h>
#include <string.h>

#include "config/config_settings.h"
#include "doctor/doctor_checks.h"
#include "core/metric_registry.h"

/* The file that the output writes to, as it is configured; "" for an output without one. */
static const char *path_of(const struct plugin_config *plugin)
{
	const struct setting *setting = settings_find(plugin->plugin->settings, "output_path");

	if (!setting || setting->type != SETTING_STRING || !plugin->settings)
		return "";
	return *(char **)((char *)plugin->settings + setting->offset);
}

static void check_output(struct examination *examination, const struct plugin_config *plugin,
                         const struct output_context *context)
{
	const struct output_ops *ops = plugin->plugin->output;
	const char *path = path_of(plugin);
	struct output *output = NULL;
	struct said said;
	char *text;
	int err;

	doctor_said_begin(&said);
	err = ops->open(plugin->settings, context, &output);
	if (!err)
		ops->close(output);
	text = doctor_said_end(&said);
	if (err)
		report_add(examination->report, AREA_OUTPUT, FATAL, plugin->plugin->name,
		           "choose another file with -o, or correct the plugin's table in the "
		           "configuration",
		           "%s", text && *text ? text : strerror(-err));
	else
		report_add(examination->report, AREA_OUTPUT, GOOD, plugin->plugin->name, NULL,
		           "%s%scan be written%s%s", path, *path ? " " : "",
		           text && *text ? "\n" : "", text ? text : "");
	free(text);
}

void doctor_check_outputs(struct examination *examination)
{
	struct metric_registry *metrics = metric_registry_new();
	const struct output_context context = {
		.metrics = metrics,
		.config_path = examination->config->path,
		.trust_others = examination->config->trust_others,
	};

	for (size_t i = 0; metrics && i < examination->config->n; i++) {
		const struct plugin_config *plugin = &examination->config->plugins[i];

		if (plugin->enabled && plugin->plugin->output)
			check_output(examination, plugin, &context);
	}
	examination->report->failed = examination->report->failed || !metrics;
	metric_registry_free(metrics);
}
