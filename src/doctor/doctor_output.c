/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The doctor opens the outputs, which changes no existing file, and closes them again. */
#include "doctor/doctor_output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/findings.h"
#include "core/log_capture.h"
#include "core/metric_registry.h"

/* Open and close an output. *path: the file it would write, owned by the caller, or NULL. */
static int try_output(const struct plugin_config *plugin, const struct output_context *context,
                      char **path)
{
	const struct output_ops *ops = plugin->plugin->output;
	struct output *output = NULL;
	int err = ops->open(plugin->settings, context, &output);

	*path = NULL;
	if (err)
		return err;
	if (output->path)
		*path = strdup(output->path);
	ops->close(output);
	return 0;
}

enum check_result doctor_check_output(const struct config *config,
                                      const struct plugin_config *plugin, struct check *check)
{
	struct metric_registry *metrics = metric_registry_new();
	const struct run_info run = {.argv = NULL};
	const struct output_context context = {
		.metrics = metrics,
		.run = &run,
		.config_path = config->path,
		.trust_others = config->trust_others,
	};
	struct log_capture capture;
	char *path = NULL, *text;
	int err = -ENOMEM;

	check_area(check, "output", "Output");
	log_capture_begin(&capture, true);
	if (metrics)
		err = try_output(plugin, &context, &path);
	text = log_capture_end(&capture);
	if (err)
		check_add(check, FATAL, plugin->plugin->name,
		          "create the directory if it is missing, choose another file with -o, or "
		          "correct the plugin's table in the configuration",
		          "%s", text && *text ? text : strerror(-err));
	else
		check_add(check, GOOD, plugin->plugin->name, NULL, "%s%s%s%s", path ? path : "",
		          path ? " can be written" : "works", text && *text ? "\n" : "",
		          text ? text : "");
	free(text);
	free(path);
	metric_registry_free(metrics);
	return err ? CHECK_FAILS : CHECK_WORKS;
}
