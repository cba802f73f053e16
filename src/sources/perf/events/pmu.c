/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/pmu.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "linux/pmu_file.h"

/* Returns -ENAMETOOLONG when the path does not fit. */
static int make_path(char path[static PATH_MAX], const struct pmu_list *list, const char *pmu,
                     const char *folder)
{
	int n = snprintf(path, PATH_MAX, "%s/" PMU_DEVICES "/%s/%s", list->sysroot, pmu, folder);

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int pmu_read(const struct pmu_list *list, const struct pmu *pmu, const char *folder,
             const char *file, char *text, size_t size)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", folder, file);

	if (n < 0 || n >= PATH_MAX)
		return -ENAMETOOLONG;
	return pmu_file_read(list->sysroot, pmu->name, path, text, size);
}

/* PMUs of the kernel itself, not of hardware: they count on any CPU, and do not list CPUs. */
static bool is_of_kernel(const char *name)
{
	static const char *const names[] = {"software", "tracepoint", "breakpoint", "kprobe",
	                                    "uprobe"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/*
 * Read on which CPUs the PMU counts. Core PMUs of hybrid machines and of Arm have a file cpus; the
 * others of x86 and s390 are known by name, as in perf. Any other PMU with a cpumask counts for
 * more than the CPU on which it is opened, unless the mask has every CPU.
 */
static int read_places(const struct pmu_list *list, struct pmu *pmu)
{
	struct cpu_list cpus;
	int err;

	pmu->everywhere = true;
	if (is_of_kernel(pmu->name))
		return 0;
	err = pmu_file_read_cpus(list->sysroot, pmu->name, "cpus", &cpus);
	if (err == -ENOENT) {
		pmu->is_core = strcmp(pmu->name, "cpu") == 0 || strcmp(pmu->name, "cpum_cf") == 0;
		if (pmu->is_core)
			return 0;
		err = pmu_file_read_cpus(list->sysroot, pmu->name, "cpumask", &cpus);
		if (err == -ENOENT)
			return 0;
	} else {
		pmu->is_core = true;
	}
	if (err)
		return err;

	pmu->everywhere = cpu_list_covers(&cpus, &list->online);
	pmu->is_uncore = !pmu->is_core && !pmu->everywhere;
	if (!cpu_list_overlaps(&cpus, &list->online))
		err = -ENODEV;
	if (err || pmu->everywhere)
		cpu_list_free(&cpus);
	pmu->cpus = cpus;
	return err;
}

static int load_pmu(struct pmu_list *list, const char *name)
{
	struct pmu *grown = reallocarray(list->pmus, list->n + 1, sizeof(*grown));
	struct pmu *pmu;
	int err;

	if (!grown)
		return -ENOMEM;
	list->pmus = grown;
	pmu = &grown[list->n];
	*pmu = (struct pmu){.name = strdup(name)};
	if (!pmu->name)
		return -ENOMEM;
	list->n++;

	err = pmu_file_read_type(list->sysroot, name, &pmu->type);
	if (!err)
		err = read_places(list, pmu);
	if (err && err != -ENOMEM) {
		/*
		 * It has vanished, is not readable, or its CPUs are offline: treat it as missing.
		 */
		log_debug("PMU %s is left out: %s", name, strerror(-err));
		free(pmu->name);
		list->n--;
		return 0;
	}
	return err;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct pmu *)a)->name, ((const struct pmu *)b)->name);
}

static int load_online(struct pmu_list *list)
{
	char path[PATH_MAX];
	int err = 0;

	if (snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/online", list->sysroot) >=
	    PATH_MAX)
		err = -ENAMETOOLONG;
	if (!err)
		err = cpu_list_read(AT_FDCWD, path, &list->online);
	if (!err && list->online.n == 0)
		err = -ENODATA;
	if (err && err != -ENOMEM)
		log_error("cannot read which CPUs are online: %s: %s", path, strerror(-err));
	return err;
}

int pmu_list_load(const char *sysroot, struct pmu_list *list)
{
	char path[PATH_MAX];
	size_t length = strlen(sysroot);
	struct dirent *entry;
	DIR *devices;
	int err;

	*list = (struct pmu_list){0};
	while (length > 0 && sysroot[length - 1] == '/')
		length--;
	list->sysroot = strndup(sysroot, length);
	if (!list->sysroot)
		return -ENOMEM;
	err = load_online(list);
	if (err)
		return err;

	err = make_path(path, list, "", "");
	devices = err ? NULL : opendir(path);
	if (!devices)
		return !err && errno == ENOMEM ? -ENOMEM : 0;
	while (!err && (entry = readdir(devices)) != NULL) {
		if (entry->d_name[0] != '.')
			err = load_pmu(list, entry->d_name);
	}
	closedir(devices);
	if (list->n > 0)
		qsort(list->pmus, list->n, sizeof(*list->pmus), by_name);
	return err;
}

void pmu_list_free(struct pmu_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->pmus[i].name);
		cpu_list_free(&list->pmus[i].cpus);
	}
	free(list->pmus);
	cpu_list_free(&list->online);
	free(list->sysroot);
	*list = (struct pmu_list){0};
}

/* Whether the PMU's name is name, "_" and a number: "armv8_pmuv3_0". */
static bool is_numbered(const char *pmu, const char *name)
{
	const size_t length = strlen(name);

	if (strncmp(pmu, name, length) != 0 || pmu[length] != '_')
		return false;
	pmu += length + 1;
	return *pmu && strspn(pmu, "0123456789") == strlen(pmu);
}

static bool has_exact(const struct pmu_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->pmus[i].name, name) == 0)
			return true;
	}
	return false;
}

const struct pmu *pmu_match(const struct pmu_list *list, const char *name,
                            const struct pmu *previous)
{
	const bool exact = has_exact(list, name);
	const bool any_core = !exact && strcmp(name, "cpu") == 0;

	for (size_t i = previous ? (size_t)(previous - list->pmus) + 1 : 0; i < list->n; i++) {
		const struct pmu *pmu = &list->pmus[i];

		if (exact ? strcmp(pmu->name, name) == 0
		          : is_numbered(pmu->name, name) || (any_core && pmu->is_core))
			return pmu;
	}
	return NULL;
}

const struct pmu *pmu_next_core(const struct pmu_list *list, const struct pmu *previous)
{
	for (size_t i = previous ? (size_t)(previous - list->pmus) + 1 : 0; i < list->n; i++) {
		if (list->pmus[i].is_core)
			return &list->pmus[i];
	}
	return NULL;
}

size_t pmu_count_cores(const struct pmu_list *list)
{
	size_t n = 0;

	for (const struct pmu *pmu = NULL; (pmu = pmu_next_core(list, pmu)) != NULL;)
		n++;
	return n;
}

const struct pmu *pmu_of_type(const struct pmu_list *list, uint32_t type)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->pmus[i].type == type)
			return &list->pmus[i];
	}
	return NULL;
}

static int name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int pmu_names(const struct pmu_list *list, const struct pmu *pmu, const char *folder,
              struct pmu_names *names)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;
	int err = make_path(path, list, pmu->name, folder);

	*names = (struct pmu_names){0};
	dir = err ? NULL : opendir(path);
	if (!dir)
		return !err && errno == ENOMEM ? -ENOMEM : 0;
	while ((entry = readdir(dir)) != NULL) {
		char **grown;

		/* "energy-pkg.unit" belongs to the event "energy-pkg". */
		if (strchr(entry->d_name, '.'))
			continue;
		grown = reallocarray(names->names, names->n + 1, sizeof(*grown));
		if (grown) {
			names->names = grown;
			grown[names->n] = strdup(entry->d_name);
		}
		if (!grown || !grown[names->n]) {
			err = -ENOMEM;
			break;
		}
		names->n++;
	}
	closedir(dir);
	if (names->n > 0)
		qsort(names->names, names->n, sizeof(*names->names), name_order);
	return err;
}

void pmu_names_free(struct pmu_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->names[i]);
	free(names->names);
	*names = (struct pmu_names){0};
}
