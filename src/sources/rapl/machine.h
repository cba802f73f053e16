/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The machine that is measured, as sysfs and procfs below one root describe it: which CPU it is,
 * and where each logical CPU sits.
 */
#ifndef RAPL_MACHINE_H
#define RAPL_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "linux/sysfs.h"

struct rapl_machine {
	int root;            /* see sysfs.h */
	const char *sysroot; /* its path, for messages; without a slash at its end, "" for "/" */
	char vendor[16];     /* of /proc/cpuinfo: "GenuineIntel"; "" when not known */
	int family, model;   /* -1 when not known */
	bool hypervisor;     /* the CPU says that it is a virtual one */
	char *sysroot_copy;  /* what sysroot points to */
	char *cpuinfo;       /* all of /proc/cpuinfo, once it was needed */
};

/*
 * Open the root folder and identify the CPU; what /proc/cpuinfo does not tell stays unknown.
 * Returns 0 or -errno of opening the folder; the machine is for rapl_machine_close() either way.
 */
int rapl_machine_open(struct rapl_machine *machine, const char *sysroot);
void rapl_machine_close(struct rapl_machine *machine);

/*
 * AMD (and Hygon) count energy per package, never per die. Linux 6.9 to 6.11 nevertheless lists
 * one perf CPU and one powercap zone for each core complex die, which all read the package's one
 * register (fixed by "Fix the energy-pkg event for AMD CPUs", 6.12).
 */
bool rapl_machine_counts_per_package(const struct rapl_machine *machine);

/* Where a logical CPU sits. */
struct cpu_location {
	int package;
	int die;  /* 0 where the kernel does not tell (before 5.2) */
	int core; /* the same for all threads of a core, unique within (package, die) */
};

/*
 * Look a CPU up, in sysfs or else in /proc/cpuinfo.
 * Returns 0; -ENOENT when neither knows the CPU's package; -ENOMEM.
 */
int rapl_machine_locate(struct rapl_machine *machine, uint32_t cpu, struct cpu_location *location);

/*
 * CPUs that are online, by sysfs or else by /proc/cpuinfo. Returns 0; -ENOENT when neither tells;
 * -ENOMEM. The list is for cpu_list_free() when 0 was returned.
 */
int rapl_machine_online(struct rapl_machine *machine, struct cpu_list *list);

#endif
