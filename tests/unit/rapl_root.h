/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A machine laid out in a folder: sysfs, procfs and register files that a RAPL test moves. */
#ifndef TESTS_UNIT_RAPL_ROOT_H
#define TESTS_UNIT_RAPL_ROOT_H

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POWERCAP "sys/class/powercap/"
#define POWER_PMU "sys/bus/event_source/devices/power/"

struct root {
	char path[64];
};

static inline void root_make(struct root *root)
{
	strcpy(root->path, "/tmp/rapl-test-XXXXXX");
	if (!mkdtemp(root->path))
		abort();
}

static inline int root_remove_entry(const char *path, const struct stat *status, int type,
                                    struct FTW *ftw)
{
	return remove(path);
}

static inline void root_remove_path(const char *path)
{
	nftw(path, root_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void root_remove(const struct root *root)
{
	root_remove_path(root->path);
}

/* The full path of a file in the root, made folders and all. Overwrites its last answer. */
static inline const char *root_path(const struct root *root, const char *file)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", root->path, file);
	for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	return path;
}

/* Write a file in place, as the kernel's files change: open descriptors see the new text. */
__attribute__((format(printf, 3, 4))) static inline void
root_write(const struct root *root, const char *file, const char *format, ...)
{
	FILE *stream = fopen(root_path(root, file), "w");
	va_list arguments;

	if (!stream)
		abort();
	va_start(arguments, format);
	vfprintf(stream, format, arguments);
	va_end(arguments);
	fclose(stream);
}

/* A powercap zone; zone is as in sys/class/powercap. */
static inline void root_energy(const struct root *root, const char *zone, uint64_t energy_uj)
{
	char file[256];

	snprintf(file, sizeof(file), POWERCAP "%s/energy_uj", zone);
	root_write(root, file, "%" PRIu64 "\n", energy_uj);
}

static inline void root_zone(const struct root *root, const char *zone, const char *name,
                             uint64_t energy_uj, uint64_t range_uj)
{
	char file[256];

	snprintf(file, sizeof(file), POWERCAP "%s/name", zone);
	root_write(root, file, "%s\n", name);
	snprintf(file, sizeof(file), POWERCAP "%s/max_energy_range_uj", zone);
	root_write(root, file, "%" PRIu64 "\n", range_uj);
	root_energy(root, zone, energy_uj);
}

static inline void root_remove_zone(const struct root *root, const char *zone)
{
	char file[256];

	snprintf(file, sizeof(file), POWERCAP "%s", zone);
	root_remove_path(root_path(root, file));
}

/* One logical CPU of the topology; siblings NULL: the file is not there. */
static inline void root_cpu(const struct root *root, int cpu, int package, int die,
                            const char *siblings)
{
	char file[256];

	snprintf(file, sizeof(file), "sys/devices/system/cpu/cpu%d/topology/physical_package_id",
	         cpu);
	root_write(root, file, "%d\n", package);
	snprintf(file, sizeof(file), "sys/devices/system/cpu/cpu%d/topology/die_id", cpu);
	root_write(root, file, "%d\n", die);
	snprintf(file, sizeof(file), "sys/devices/system/cpu/cpu%d/topology/thread_siblings_list",
	         cpu);
	if (siblings)
		root_write(root, file, "%s\n", siblings);
}

/* proc/cpuinfo with one paragraph, as for the vendor, family and model. */
static inline void root_cpuinfo(const struct root *root, const char *vendor, int family, int model,
                                const char *flags)
{
	root_write(root, "proc/cpuinfo",
	           "processor\t: 0\nvendor_id\t: %s\ncpu family\t: %d\nmodel\t\t: %d\n"
	           "model name\t: Laid out\nphysical id\t: 0\ncore id\t\t: 0\nflags\t\t: %s\n\n",
	           vendor, family, model, flags);
}

/* A register: eight bytes at its address of a sparse file, which is what the driver's file is. */
static inline void root_msr(const struct root *root, int cpu, uint32_t address, uint64_t value)
{
	char file[64];
	int fd;

	snprintf(file, sizeof(file), "dev/cpu/%d/msr", cpu);
	fd = open(root_path(root, file), O_WRONLY | O_CREAT, 0600);
	if (fd < 0 || pwrite(fd, &value, sizeof(value), (off_t)address) != sizeof(value))
		abort();
	close(fd);
}

#endif
