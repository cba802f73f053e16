/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/container.h"

#include <string.h>

#include "linux/text_file.h"

/* An engine is recognised by a file of its own, or a word in the path of init's cgroup. */
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

const char *container_engine(const char *sysroot)
{
	char cgroup[4096];

	for (size_t i = 0; i < sizeof(container_files) / sizeof(container_files[0]); i++) {
		if (text_file_exists(sysroot, container_files[i].path))
			return container_files[i].engine;
	}
	text_file_read(sysroot, "proc/1/cgroup", cgroup, sizeof(cgroup));
	for (size_t i = 0; i < sizeof(cgroup_words) / sizeof(cgroup_words[0]); i++) {
		if (strstr(cgroup, cgroup_words[i]))
			return cgroup_words[i];
	}
	return NULL;
}

/* The hypervisor's name, or that of the machine's vendor; "": unknown. */
static void read_hypervisor(const char *sysroot, char *name, size_t size)
{
	if (!text_file_read(sysroot, "sys/hypervisor/type", name, size) && *name)
		return;
	if (!text_file_read(sysroot, "sys/class/dmi/id/sys_vendor", name, size) && *name)
		return;
	text_file_read(sysroot, "sys/firmware/devicetree/base/hypervisor/compatible", name, size);
}

/* x86 CPUs have the flag "hypervisor", other machines a node in the device tree. */
static bool is_virtual(const char *sysroot)
{
	char cpuinfo[16384], *flags;

	if (text_file_exists(sysroot, "sys/hypervisor/type") ||
	    text_file_exists(sysroot, "sys/firmware/devicetree/base/hypervisor"))
		return true;
	text_file_read(sysroot, "proc/cpuinfo", cpuinfo, sizeof(cpuinfo));
	flags = strstr(cpuinfo, "\nflags");
	if (!flags)
		return false;
	flags[strcspn(flags + 1, "\n") + 1] = '\0';
	return strstr(flags, " hypervisor") != NULL;
}

bool virtual_machine_find(const char *sysroot, char *name, size_t size)
{
	*name = '\0';
	if (!is_virtual(sysroot))
		return false;
	read_hypervisor(sysroot, name, size);
	return true;
}
