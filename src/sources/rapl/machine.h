/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The measured machine, as sysfs and procfs below a root directory describe it: its CPU model, and
 * the location of each logical CPU.
 */
#ifndef SOURCES_RAPL_MACHINE_H
#define SOURCES_RAPL_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "linux/cpu_list.h"
#include "linux/sysfs.h"

struct rapl_machine {
	int root;            /* see sysfs.h */
	const char *sysroot; /* its path, for messages; without a trailing slash, "" for "/" */
	char vendor[16];     /* of /proc/cpuinfo: "GenuineIntel"; "" when not known */
	int family, model;   /* -1 when not known */
	bool hypervisor;     /* the CPU has the flag "hypervisor" */
	char *sysroot_copy;  /* what sysroot points to */
	char *cpuinfo;       /* all of /proc/cpuinfo; NULL until it is needed */
};

/*
 * Open the root directory and identify the CPU; values missing in /proc/cpuinfo stay unknown.
 * Returns 0 or -errno of opening the directory; call rapl_machine_close() in either case.
 */
int rapl_machine_open(struct rapl_machine *machine, const char *sysroot);
void rapl_machine_close(struct rapl_machine *machine);

/*
 * AMD (and Hygon) count energy per package, never per die. Linux 6.9 to 6.11 nevertheless lists
 * one perf CPU and one powercap zone for each core complex die, which all read the package's one
 * register (fixed by "Fix the energy-pkg event for AMD CPUs", 6.12).
 */
bool rapl_machine_counts_per_package(const struct rapl_machine *machine);

/* Location of a logical CPU. */
struct cpu_location {
	int package;
	int die;  /* 0 if the kernel does not report dies (before 5.2) */
	int core; /* the same for all threads of a core, unique within (package, die) */
};

/*
 * Locate a CPU by sysfs, or else by /proc/cpuinfo.
 * Returns 0, -ENOENT if neither has the CPU's package, or -ENOMEM.
 */
int rapl_machine_locate(struct rapl_machine *machine, uint32_t cpu, struct cpu_location *location);

/*
 * List the online CPUs, from sysfs or else from /proc/cpuinfo. Returns 0 (free the list with
 * cpu_list_free()), -ENOENT if neither lists them, or -ENOMEM.
 */
int rapl_machine_online(struct rapl_machine *machine, struct cpu_list *list);

#endif
