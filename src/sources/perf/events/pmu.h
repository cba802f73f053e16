/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The PMUs of a machine, as the kernel lists them in /sys/bus/event_source/devices (see the kernel's
 * Documentation/ABI/testing/sysfs-bus-event_source-devices*).
 */
#ifndef PERF_PMU_H
#define PERF_PMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux/cpu_list.h"

struct pmu {
	char *name;
	uint32_t type;        /* for perf_event_attr.type */
	bool is_core;         /* counts what CPU cores do, so per task: "cpu", or has a file cpus */
	bool everywhere;      /* its CPUs are all that are online */
	struct cpu_list cpus; /* where it can be opened; empty when everywhere */
	/*
	 * It has a cpumask that names some CPUs only: one for each thing that it counts for all CPUs
	 * together (a package, a memory controller), so it cannot tell tasks apart.
	 */
	bool is_uncore;
};

struct pmu_list {
	struct pmu *pmus; /* by name */
	size_t n;
	struct cpu_list online;
	char *sysroot;
};

/*
 * Read the list from below the folder sysroot. A machine without the folder has no PMUs: no error.
 * A PMU none of whose CPUs is online is left out.
 * Returns 0, or a negative errno after telling the user why; -ENOMEM without words.
 * In any case the list is for pmu_list_free().
 */
int pmu_list_load(const char *sysroot, struct pmu_list *list);
void pmu_list_free(struct pmu_list *list);

/*
 * Which PMUs a name in an event means: the one of that name; else all that differ by a number behind
 * it, as "armv8_pmuv3" does from armv8_pmuv3_0; else, for "cpu", all that are of cores.
 * Returns the next one behind previous (NULL: the first), or NULL.
 */
const struct pmu *pmu_match(const struct pmu_list *list, const char *name,
                            const struct pmu *previous);

/* The core PMU behind previous (NULL: the first), or NULL. */
const struct pmu *pmu_next_core(const struct pmu_list *list, const struct pmu *previous);

/* How many core PMUs there are. More than one: core types differ, "hybrid". */
size_t pmu_count_cores(const struct pmu_list *list);

/* The PMU with this number, or NULL. */
const struct pmu *pmu_of_type(const struct pmu_list *list, uint32_t type);

/*
 * Read the first line of a file of the PMU: "format/umask", "events/tsc". Returns 0, -ENOENT when
 * there is none, another negative errno; -E2BIG when it does not fit.
 */
int pmu_read(const struct pmu_list *list, const struct pmu *pmu, const char *folder,
             const char *file, char *text, size_t size);

/* Names, owned. */
struct pmu_names {
	char **names;
	size_t n;
};

/*
 * The names in a folder of the PMU ("format", "events"), sorted, without the "tsc.scale" that go with
 * an event. A folder that is not there is empty. Returns 0 or -ENOMEM; for pmu_names_free() either
 * way.
 */
int pmu_names(const struct pmu_list *list, const struct pmu *pmu, const char *folder,
              struct pmu_names *names);
void pmu_names_free(struct pmu_names *names);

#endif
