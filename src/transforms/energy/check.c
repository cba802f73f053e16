/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reports what makes the energy of processes less exact than it could be. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "alumet/check.h"
#include "linux/sysfs.h"
#include "transforms/energy/energy.h"

static void check_idle_power(struct check *check, const struct energy_settings *settings)
{
	static const char *const remedy = "sudo alumet-agent calibrate";
	char identity[MACHINE_IDENTITY_SIZE];
	struct idle_power power;
	int err;

	if (settings->idle != IDLE_AUTO)
		return;
	if (settings->idle_watts && *settings->idle_watts) {
		check_add(check, GOOD, "idle power", NULL, "is configured: %s W",
		          settings->idle_watts);
		return;
	}
	machine_identity(settings->sysroot, identity);
	err = calibration_read(settings->calibration, identity, &power);
	if (!err)
		check_add(check, GOOD, "idle power", NULL, "was measured on %s", power.date);
	else if (err == -EXDEV)
		check_add(check, LACKING, "idle power", remedy,
		          "%s is of another machine: not used", settings->calibration);
	else
		check_add(check, LACKING, "idle power", remedy,
		          "is not known (%s: %s): what nobody used is estimated by time, and "
		          "processes get part of what the machine draws anyway",
		          settings->calibration,
		          err == -EBADMSG ? "no file of calibrate" : strerror(-err));
}

/* Whether this machine probably has energy counters; the check of rapl reads them. */
static bool may_have_counters(const char *sysroot)
{
	static const char *const places[] = {"sys/bus/event_source/devices/power/type",
	                                     "sys/class/powercap/intel-rapl:0/name"};
	char text[8192];
	int root = sysfs_open_root(*sysroot ? sysroot : "/");
	bool found = false;

	if (root < 0)
		return false;
	for (size_t i = 0; !found && i < sizeof(places) / sizeof(*places); i++)
		found = sysfs_read(root, places[i], text, sizeof(text)) > 0;
	/* Few virtual machines have any; in the others, the counters read 0. */
	if (found && sysfs_read(root, "proc/cpuinfo", text, sizeof(text)) > 0)
		found = !strstr(text, " hypervisor");
	close(root);
	return found;
}

enum check_result energy_check(const void *settings, struct check *check)
{
	if (!may_have_counters(check->sysroot))
		return CHECK_NOTHING;
	check_area(check, "rapl", "Energy (RAPL)");
	check_idle_power(check, settings);
	return CHECK_WORKS;
}
