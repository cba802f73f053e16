/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The PMUs of a machine, as the kernel lists them in /sys/bus/event_source/devices (see the
 * kernel's Documentation/ABI/testing/sysfs-bus-event_source-devices*).
 */
#ifndef SOURCES_PERF_EVENTS_PMU_H
#define SOURCES_PERF_EVENTS_PMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux/cpu_list.h"

struct pmu {
	char *name;
	uint32_t type;        /* for perf_event_attr.type */
	bool is_core;         /* counts on CPU cores, so per task: "cpu", or has a file cpus */
	bool everywhere;      /* it counts on all online CPUs */
	struct cpu_list cpus; /* where it can be opened; empty when everywhere */
	/*
	 * It has a cpumask of only some CPUs: one for each unit that CPUs share (a package, a
	 * memory controller), so it cannot distinguish tasks.
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
 * Read the list below the directory sysroot. If the directory of PMUs is missing, the list is
 * empty, which is no error. PMUs without an online CPU are left out.
 * Returns 0, or a negative errno after logging why; -ENOMEM, not logged.
 * Call pmu_list_free() in any case.
 */
int pmu_list_load(const char *sysroot, struct pmu_list *list);
void pmu_list_free(struct pmu_list *list);

/*
 * Find the PMUs for a name in an event: the one of that name; else all with that name and a number,
 * as armv8_pmuv3_0 for "armv8_pmuv3"; else, for "cpu", all core PMUs. Returns the next one after
 * previous (NULL: the first), or NULL.
 */
const struct pmu *pmu_match(const struct pmu_list *list, const char *name,
                            const struct pmu *previous);

/* The next core PMU after previous (NULL: the first), or NULL. */
const struct pmu *pmu_next_core(const struct pmu_list *list, const struct pmu *previous);

/* The number of core PMUs. More than one: a hybrid machine, with different types of cores. */
size_t pmu_count_cores(const struct pmu_list *list);

/* The PMU of this type, or NULL. */
const struct pmu *pmu_of_type(const struct pmu_list *list, uint32_t type);

/*
 * Read the first line of a file of the PMU: "format/umask", "events/tsc". Returns 0, -ENOENT if
 * there is none, -E2BIG if it does not fit, or another negative errno.
 */
int pmu_read(const struct pmu_list *list, const struct pmu *pmu, const char *folder,
             const char *file, char *text, size_t size);

/* Names, owned. */
struct pmu_names {
	char **names;
	size_t n;
};

/*
 * List the names in a directory of the PMU ("format", "events"), sorted, without additional files
 * of an event ("tsc.scale"). A missing directory is empty. Returns 0 or -ENOMEM; call
 * pmu_names_free() in any case.
 */
int pmu_names(const struct pmu_list *list, const struct pmu *pmu, const char *folder,
              struct pmu_names *names);
void pmu_names_free(struct pmu_names *names);

#endif
