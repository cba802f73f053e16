/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/rapl/machine.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPUINFO "proc/cpuinfo"

/* Enough for the first CPU's paragraph of /proc/cpuinfo, which is mostly flags. */
#define CPUINFO_START 8192

/*
 * Find the value in a line "key : value" of a paragraph of /proc/cpuinfo, which ends with an empty
 * line. Returns its start in text, or NULL.
 */
static const char *cpuinfo_value(const char *text, const char *key)
{
	size_t length = strlen(key);

	while (text && *text != '\0' && *text != '\n') {
		if (strncmp(text, key, length) == 0) {
			const char *rest = text + length;

			rest += strspn(rest, " \t");
			if (*rest == ':')
				return rest + 1 + strspn(rest + 1, " \t");
		}
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return NULL;
}

/* The same for a number; -1 when there is none. */
static int cpuinfo_number(const char *text, const char *key)
{
	const char *value = cpuinfo_value(text, key);

	return value && isdigit((unsigned char)*value) ? atoi(value) : -1;
}

static void identify_cpu(struct rapl_machine *machine, const char *cpuinfo)
{
	const char *vendor = cpuinfo_value(cpuinfo, "vendor_id");
	const char *flags = cpuinfo_value(cpuinfo, "flags");
	size_t length;

	if (vendor) {
		length = strcspn(vendor, " \t\n");
		if (length >= sizeof(machine->vendor))
			length = sizeof(machine->vendor) - 1;
		memcpy(machine->vendor, vendor, length);
	}
	machine->family = cpuinfo_number(cpuinfo, "cpu family");
	machine->model = cpuinfo_number(cpuinfo, "model");
	while (flags && *flags != '\0' && *flags != '\n') {
		length = strcspn(flags, " \n");
		if (length == strlen("hypervisor") && strncmp(flags, "hypervisor", length) == 0)
			machine->hypervisor = true;
		flags += length + strspn(flags + length, " ");
	}
}

int rapl_machine_open(struct rapl_machine *machine, const char *sysroot)
{
	char start[CPUINFO_START];
	size_t length = strlen(sysroot);

	*machine = (struct rapl_machine){.root = -1, .family = -1, .model = -1, .sysroot = ""};
	machine->root = sysfs_open_root(sysroot);
	if (machine->root < 0)
		return machine->root;
	while (length > 0 && sysroot[length - 1] == '/')
		length--;
	machine->sysroot_copy = strndup(sysroot, length);
	if (!machine->sysroot_copy)
		return -ENOMEM;
	machine->sysroot = machine->sysroot_copy;
	if (sysfs_read(machine->root, CPUINFO, start, sizeof(start)) > 0)
		identify_cpu(machine, start);
	return 0;
}

void rapl_machine_close(struct rapl_machine *machine)
{
	if (machine->root >= 0)
		close(machine->root);
	free(machine->sysroot_copy);
	free(machine->cpuinfo);
	*machine = (struct rapl_machine){.root = -1};
}

bool rapl_machine_counts_per_package(const struct rapl_machine *machine)
{
	return strcmp(machine->vendor, "AuthenticAMD") == 0 ||
	       strcmp(machine->vendor, "HygonGenuine") == 0;
}

/* Load all of /proc/cpuinfo, which grows with the number of CPUs and reports no size. */
static int load_cpuinfo(struct rapl_machine *machine)
{
	size_t size = 64 * 1024;

	while (!machine->cpuinfo) {
		char *text = malloc(size);
		int length;

		if (!text)
			return -ENOMEM;
		length = sysfs_read(machine->root, CPUINFO, text, size);
		if (length >= 0 && (size_t)length < size - 1) {
			machine->cpuinfo = text;
			break;
		}
		free(text);
		if (length < 0)
			return length;
		size *= 2;
	}
	return 0;
}

/* The next paragraph; NULL at the end. */
static const char *next_paragraph(const char *text)
{
	const char *end = strstr(text, "\n\n");

	return end ? end + strspn(end, "\n") : NULL;
}

static int locate_by_cpuinfo(struct rapl_machine *machine, uint32_t cpu,
                             struct cpu_location *location)
{
	int error = load_cpuinfo(machine);

	if (error)
		return error == -ENOMEM ? error : -ENOENT;
	for (const char *text = machine->cpuinfo; text; text = next_paragraph(text)) {
		int package = cpuinfo_number(text, "physical id");
		int core = cpuinfo_number(text, "core id");

		if (cpuinfo_number(text, "processor") != (int)cpu)
			continue;
		if (package < 0)
			break;
		location->package = package;
		location->die = 0;
		location->core = core < 0 ? (int)cpu : core;
		return 0;
	}
	return -ENOENT;
}

static int read_topology(const struct rapl_machine *machine, uint32_t cpu, const char *file,
                         int *value)
{
	char path[96];
	uint64_t number;
	int error;

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/topology/%s", cpu, file);
	error = sysfs_read_u64(machine->root, path, &number);
	if (!error && number > INT32_MAX)
		error = -EBADMSG;
	if (!error)
		*value = (int)number;
	return error;
}

/* The first thread of the CPU's core, or -errno. */
static int first_sibling(const struct rapl_machine *machine, uint32_t cpu)
{
	char path[96];
	char text[256];
	int error;

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/topology/thread_siblings_list",
	         cpu);
	error = sysfs_read(machine->root, path, text, sizeof(text));
	if (error < 0)
		return error;
	return isdigit((unsigned char)text[0]) ? atoi(text) : -EBADMSG;
}

int rapl_machine_locate(struct rapl_machine *machine, uint32_t cpu, struct cpu_location *location)
{
	if (read_topology(machine, cpu, "physical_package_id", &location->package))
		return locate_by_cpuinfo(machine, cpu, location);
	if (read_topology(machine, cpu, "die_id", &location->die))
		location->die = 0;
	/*
	 * core_id is unique only within a package or a die, depending on the kernel. The siblings
	 * do not depend on it, so a core is identified by its first thread.
	 */
	location->core = first_sibling(machine, cpu);
	if (location->core < 0 && read_topology(machine, cpu, "core_id", &location->core))
		location->core = (int)cpu;
	return 0;
}

int rapl_machine_online(struct rapl_machine *machine, struct cpu_list *list)
{
	size_t n = 0;
	int error = cpu_list_read(machine->root, "sys/devices/system/cpu/online", list);

	if (error == -ENOMEM || (!error && list->n > 0))
		return error;
	cpu_list_free(list);
	error = load_cpuinfo(machine);
	if (error)
		return error == -ENOMEM ? error : -ENOENT;
	for (const char *text = machine->cpuinfo; text; text = next_paragraph(text))
		n++;
	list->cpus = calloc(n, sizeof(*list->cpus));
	if (!list->cpus)
		return -ENOMEM;
	for (const char *text = machine->cpuinfo; text; text = next_paragraph(text)) {
		int cpu = cpuinfo_number(text, "processor");

		if (cpu >= 0)
			list->cpus[list->n++] = (uint32_t)cpu;
	}
	if (list->n > 0)
		return 0;
	cpu_list_free(list);
	return -ENOENT;
}
