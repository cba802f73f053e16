/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The doctor finds out whether it is in a container or a virtual machine, which explains a lot. */
#include <stdio.h>
#include <string.h>

#include "doctor/doctor_checks.h"

/* What engines leave behind: a file of their own, or a word in the path of init's cgroup. */
static const struct {
	const char *path;
	const char *engine;
} container_files[] = {
	{".dockerenv", "Docker"},
	{"run/.containerenv", "Podman"},
	{"run/systemd/container", "systemd-nspawn or another"},
	{"dev/lxd", "LXD"},
	{"var/run/secrets/kubernetes.io", "Kubernetes"},
};

static const char *const cgroup_words[] = {"docker", "kubepods", "libpod", "lxc", "containerd"};

const char *doctor_find_container(const struct examination *examination)
{
	char cgroup[4096];

	for (size_t i = 0; i < sizeof(container_files) / sizeof(container_files[0]); i++) {
		if (doctor_exists(examination, container_files[i].path))
			return container_files[i].engine;
	}
	doctor_read(examination, "proc/1/cgroup", cgroup, sizeof(cgroup));
	for (size_t i = 0; i < sizeof(cgroup_words) / sizeof(cgroup_words[0]); i++) {
		if (strstr(cgroup, cgroup_words[i]))
			return cgroup_words[i];
	}
	return NULL;
}

static void check_container(struct examination *examination)
{
	const char *engine = doctor_find_container(examination);

	if (engine)
		report_add(examination->report, AREA_MACHINE, GOOD, "container", NULL,
		           "%s: pids are those of the container; the energy is the whole machine's",
		           engine);
	else
		report_add(examination->report, AREA_MACHINE, GOOD, "container", NULL, "none");
}

/* The name that a hypervisor gives its machine, or "" when the firmware does not tell. */
static void read_hypervisor(const struct examination *examination, char *name, size_t size)
{
	if (doctor_read(examination, "sys/hypervisor/type", name, size) && *name)
		return;
	if (doctor_read(examination, "sys/class/dmi/id/sys_vendor", name, size) && *name)
		return;
	doctor_read(examination, "sys/firmware/devicetree/base/hypervisor/compatible", name, size);
}

/* The CPU tells by its flag "hypervisor" (x86), others by a node of the device tree. */
static bool is_virtual(const struct examination *examination)
{
	char cpuinfo[16384], *flags;

	if (doctor_exists(examination, "sys/hypervisor/type") ||
	    doctor_exists(examination, "sys/firmware/devicetree/base/hypervisor"))
		return true;
	doctor_read(examination, "proc/cpuinfo", cpuinfo, sizeof(cpuinfo));
	flags = strstr(cpuinfo, "\nflags");
	if (!flags)
		return false;
	flags[strcspn(flags + 1, "\n") + 1] = '\0';
	return strstr(flags, " hypervisor") != NULL;
}

static void check_virtual(struct examination *examination)
{
	char name[128];

	if (!is_virtual(examination)) {
		report_add(examination->report, AREA_MACHINE, GOOD, "virtual machine", NULL,
		           "none");
		return;
	}
	read_hypervisor(examination, name, sizeof(name));
	report_add(
		examination->report, AREA_MACHINE, GOOD, "virtual machine", NULL,
		"yes%s%s%s: hardware events and energy are there only if the host passes them on",
		*name ? " (" : "", name, *name ? ")" : "");
}

void doctor_check_machine(struct examination *examination)
{
	check_container(examination);
	check_virtual(examination);
}
