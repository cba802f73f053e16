/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "doctor/doctor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config_settings.h"
#include "doctor/doctor_checks.h"
#include "core/exit_status.h"
#include "core/log.h"
#include "core/printable.h"
#include "sources/rapl/rapl.h"

/* The root that the configuration wants sysfs and procfs read below. */
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

void doctor_examine(const struct config *config, struct report *report)
{
	const bool permitted = rapl_sysroot_is_permitted(find_sysroot(config));
	char *sysroot = strdup(permitted ? find_sysroot(config) : "/");
	struct examination examination = {.config = config, .sysroot = sysroot, .report = report};

	if (!sysroot) {
		report->failed = true;
		return;
	}
	for (size_t n = strlen(sysroot); n > 0 && sysroot[n - 1] == '/'; n--)
		sysroot[n - 1] = '\0';

	if (!permitted)
		report_add(report, AREA_RAPL, FATAL, "sysroot",
		           "leave sysroot out of [plugins.rapl]",
		           "%s is not read with capabilities that the user lacks",
		           find_sysroot(config));
	examination.no_bpf = doctor_plugin(&examination, "perf") ? FATAL : LACKING;

	doctor_check_kernel(&examination);
	doctor_check_privileges(&examination);
	doctor_check_bpf(&examination);
	doctor_check_events(&examination);
	doctor_check_rapl(&examination);
	doctor_check_outputs(&examination);
	doctor_check_machine(&examination);
	free(sysroot);
}

/* The configuration that exec would have; the defaults when there is a mistake in it. */
static int read_configuration(const struct config_request *request, struct config *config,
                              struct report *report)
{
	const struct config_request defaults = {.path = "/dev/null", .path_is_named = true};
	struct said said;
	char *text;
	int err;

	doctor_said_begin(&said);
	err = config_load(request, config);
	text = doctor_said_end(&said);
	if (err) {
		report_add(report, AREA_CONFIGURATION, FATAL, request->path,
		           "correct it, or name another file with --config", "%s",
		           text ? text : strerror(-err));
		config_free(config);
		err = config_load(&defaults, config);
	} else if (text && *text) {
		report_add(report, AREA_CONFIGURATION, LACKING, request->path,
		           "exec works with it; to be rid of this, change what is named", "%s",
		           text);
	} else {
		report_add(report, AREA_CONFIGURATION, GOOD, request->path, NULL,
		           access(request->path, F_OK) == 0
		                   ? "good"
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
	struct report report = {0};
	struct config config;
	int status = EXIT_AGENT;

	if (read_configuration(request, &config, &report) == 0) {
		doctor_examine(&config, &report);
		if (json)
			report_print_json(&report, stdout);
		else
			report_print_text(&report, terminal_has_unicode(), stdout);
		status = report_works(&report) ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("cannot write the findings: %s", strerror(errno ? errno : EIO));
		status = EXIT_AGENT;
	}
	config_free(&config);
	report_free(&report);
	return status;
}
