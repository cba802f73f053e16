/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/topology.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/sysfs.h"

#define POSSIBLE "sys/devices/system/cpu/possible"
#define ONLINE "sys/devices/system/cpu/online"

/* The PMUs of the core types of Intel's hybrid CPUs; the first type is the fastest. */
static const char *const type_lists[] = {
	"sys/bus/event_source/devices/cpu_core/cpus",
	"sys/bus/event_source/devices/cpu_atom/cpus",
	"sys/bus/event_source/devices/cpu_lowpower/cpus",
};

static bool read_id(int root, uint32_t cpu, const char *file, uint32_t *id)
{
	char path[96];
	uint64_t value;

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/topology/%s", cpu, file);
	if (sysfs_read_u64(root, path, &value) || value > INT32_MAX)
		return false;
	*id = (uint32_t)value;
	return true;
}

static int read_cpu(int root, uint32_t cpu, struct topology_cpu *at)
{
	struct cpu_list siblings;
	char path[96];
	int err;

	at->core = cpu;
	at->known = read_id(root, cpu, "physical_package_id", &at->package);
	read_id(root, cpu, "die_id", &at->die);
	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/topology/thread_siblings_list",
	         cpu);
	err = cpu_list_read(root, path, &siblings);
	if (err)
		return err == -ENOMEM ? err : 0;
	if (cpu_list_has(&siblings, cpu)) {
		at->core = siblings.cpus[0];
		at->siblings = (uint32_t)siblings.n - 1;
	}
	cpu_list_free(&siblings);
	return 0;
}

static int read_types(int root, struct topology *topology)
{
	for (size_t i = 0; i < sizeof(type_lists) / sizeof(*type_lists); i++) {
		struct cpu_list list;
		int err = cpu_list_read(root, type_lists[i], &list);

		if (err == -ENOMEM)
			return err;
		if (err)
			continue;
		for (size_t j = 0; j < list.n; j++) {
			if (list.cpus[j] < topology->n)
				topology->cpus[list.cpus[j]].type = (uint32_t)i;
		}
		if (list.n > 0)
			topology->n_types = (uint32_t)i + 1;
		cpu_list_free(&list);
	}
	return 0;
}

static int read_cpus(int root, struct topology *topology)
{
	struct cpu_list list;
	int err = cpu_list_read(root, POSSIBLE, &list);

	if (err == -ENOENT)
		err = cpu_list_read(root, ONLINE, &list);
	if (err)
		return err == -ENOMEM ? err : -ENOENT;
	if (list.n == 0)
		return -ENOENT;
	topology->n = list.cpus[list.n - 1] + 1;
	cpu_list_free(&list);
	topology->cpus = calloc(topology->n, sizeof(*topology->cpus));
	if (!topology->cpus)
		return -ENOMEM;
	for (uint32_t cpu = 0; !err && cpu < topology->n; cpu++) {
		err = read_cpu(root, cpu, &topology->cpus[cpu]);
		topology->has_smt |= topology->cpus[cpu].siblings > 0;
	}
	topology->n_types = 1;
	return err ? err : read_types(root, topology);
}

int topology_read(const char *sysroot, struct topology *topology)
{
	int root = sysfs_open_root(sysroot);
	int err;

	*topology = (struct topology){.n = 0};
	if (root < 0)
		return root;
	err = read_cpus(root, topology);
	close(root);
	if (err)
		topology_free(topology);
	return err;
}

void topology_free(struct topology *topology)
{
	free(topology->cpus);
	*topology = (struct topology){.n = 0};
}
