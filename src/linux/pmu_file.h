/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The files that describe a PMU in sysfs
 * (Documentation/ABI/testing/sysfs-bus-event_source-devices-*): type, cpumask, format/TERM,
 * events/NAME, events/NAME.scale. sysroot is a path without a trailing slash, "" for the machine's
 * own sysfs; file is relative to the PMU's directory.
 */
#ifndef LINUX_PMU_FILE_H
#define LINUX_PMU_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux/cpu_list.h"

/* The directory of the PMUs, below sysroot. */
#define PMU_DEVICES "sys/bus/event_source/devices"

/*
 * Read the first line of a file, without trailing blanks. Returns 0, -ENOENT if there is no such
 * file, -E2BIG if the line does not fit, or another negative errno. text is always NUL-terminated.
 */
int pmu_file_read(const char *sysroot, const char *pmu, const char *file, char *text, size_t size);

/*
 * Read the PMU's number, for perf_event_attr.type. Returns 0, -EBADMSG if it is not a number, or an
 * error of pmu_file_read().
 */
int pmu_file_read_type(const char *sysroot, const char *pmu, uint32_t *type);

/* Read a list, for cpu_list_free(). Returns 0, or as cpu_list_parse() and pmu_file_read(). */
int pmu_file_read_cpus(const char *sysroot, const char *pmu, const char *file,
                       struct cpu_list *cpus);

bool pmu_file_exists(const char *sysroot, const char *pmu, const char *file);

#endif
