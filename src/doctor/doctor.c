/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "doctor/doctor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config_settings.h"
#include "doctor/doctor_machine.h"
#include "doctor/doctor_output.h"
#include "doctor/findings_print.h"
#include "core/exit_status.h"
#include "core/log.h"
#include "core/log_write.h"
#include "core/log_capture.h"
#include "core/printable.h"
#include "linux/sysroot.h"

/* The configured root directory of sysfs and procfs. */
static const char *find_sysroot(const struct config *config)
{
	for (size_t i = 0; i < config->n; i++) {
		const struct plugin_config *plugin = &config->plugins[i];
		const struct setting *setting = settings_find(plugin->plugin->settings, "sysroot");

		if (setting && setting->type == SETTING_STRING && plugin->settings)
			return *(char **)((char *)plugin->settings + setting->offset);
	}
	return "/";
}

static enum check_result check_plugin(const struct config *config, size_t i, const char *sysroot,
                                      struct findings *findings)
{
	const struct plugin_config *plugin = &config->plugins[i];
	struct check check = {
		.sysroot = sysroot,
		.enabled = plugin->enabled,
		.required = plugin->required,
		.findings = findings,
	};

	if (plugin->plugin->check)
		return plugin->plugin->check(plugin->settings, &check);
	if (plugin->plugin->output && plugin->enabled)
		return doctor_check_output(config, plugin, &check);
	return CHECK_WORKS;
}

void doctor_examine(const struct config *config, struct findings *findings,
                    enum check_result *results)
{
	const bool permitted = sysroot_is_permitted(find_sysroot(config));
	char *sysroot = strdup(permitted ? find_sysroot(config) : "/");
	struct check machine = {.sysroot = sysroot, .findings = findings};

	if (!sysroot) {
		findings->failed = true;
		return;
	}
	for (size_t n = strlen(sysroot); n > 0 && sysroot[n - 1] == '/'; n--)
		sysroot[n - 1] = '\0';
	for (size_t i = 0; i < config->n; i++) {
		const enum check_result result = check_plugin(config, i, sysroot, findings);

		if (results)
			results[i] = result;
	}
	doctor_check_machine(&machine);
	if (!permitted)
		check_add(&machine, FATAL, "sysroot", "leave sysroot out of the configuration",
		          "%s is not read with capabilities that the user lacks",
		          find_sysroot(config));
	free(sysroot);
}

/* Read the configuration that exec would use; the defaults if it has a mistake. */
static int read_configuration(const struct config_request *request, struct config *config,
                              struct findings *findings)
{
	const struct config_request defaults = {.path = "/dev/null", .path_is_named = true};
	struct check check = {.findings = findings};
	struct log_capture capture;
	char *text;
	int err;

	check_area(&check, "configuration", "Configuration");
	log_capture_begin(&capture, false);
	err = config_load(request, config);
	text = log_capture_end(&capture);
	if (err) {
		check_add(&check, FATAL, request->path,
		          "correct it, or name another file with --config", "%s",
		          text ? text : strerror(-err));
		config_free(config);
		err = config_load(&defaults, config);
	} else if (text && *text) {
		check_add(&check, LACKING, request->path,
		          "exec works with it; change what is named to silence this", "%s",
		          text);
	} else {
		check_add(&check, GOOD, request->path, NULL,
		          access(request->path, F_OK) == 0 ? "good"
		                                           : "not there, which means the defaults");
	}
	free(text);
	return err;
}

static bool terminal_has_unicode(void)
{
	struct printable printable;
	bool unicode;

	printable_init(&printable);
	unicode = printable.utf8;
	printable_fini(&printable);
	return unicode;
}

int doctor(const struct config_request *request, bool json)
{
	struct findings findings = {0};
	struct config config;
	int status = EXIT_AGENT;

	if (read_configuration(request, &config, &findings) == 0) {
		doctor_examine(&config, &findings, NULL);
		if (json)
			findings_print_json(&findings, stdout);
		else
			findings_print_text(&findings, terminal_has_unicode(), stdout);
		status = findings_work(&findings) ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	if (log_flush_output("the findings"))
		status = EXIT_AGENT;
	config_free(&config);
	findings_free(&findings);
	return status;
}
