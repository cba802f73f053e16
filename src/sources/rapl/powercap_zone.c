/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/rapl/powercap_zone.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Packages have zones, and these have none: anything deeper is a loop of symbolic links. */
#define DEEPEST 3

/* By preference: the MSR driver has the most domains, the MMIO one only the package (and dram). */
static const char *const control_types[] = {"intel-rapl", "intel-rapl-tpmi", "intel-rapl-mmio"};
#define N_TYPES ((int)(sizeof(control_types) / sizeof(*control_types)))

/*
 * The control type by a directory's name: "intel-rapl" itself, or one of its zones,
 * "intel-rapl:0:1". Returns -1 if it is none.
 */
static int type_of_name(const char *name)
{
	size_t length = strcspn(name, ":");

	for (int i = 0; i < N_TYPES; i++)
		if (strlen(control_types[i]) == length &&
		    strncmp(control_types[i], name, length) == 0)
			return i;
	return -1;
}

/* Zones within a package's zone, by name. */
static const struct sub_zone {
	const char *name;
	enum rapl_kind kind;
} sub_zones[] = {{"core", RAPL_PP0}, {"uncore", RAPL_PP1}, {"dram", RAPL_DRAM}};

static const struct sub_zone *find_sub_zone(const char *name)
{
	for (size_t i = 0; i < sizeof(sub_zones) / sizeof(*sub_zones); i++)
		if (strcmp(name, sub_zones[i].name) == 0)
			return &sub_zones[i];
	return NULL;
}

bool powercap_name_to_id(const char *name, const struct rapl_id *parent, struct rapl_id *id)
{
	const struct sub_zone *sub_zone;
	int end = 0;

	*id = (struct rapl_id){RAPL_PACKAGE, 0, -1};
	if (sscanf(name, "package-%d%n", &id->package, &end) == 1 && name[end] == '\0')
		return id->package >= 0;
	if (sscanf(name, "package-%d-die-%d%n", &id->package, &id->die, &end) == 2 &&
	    name[end] == '\0')
		return id->package >= 0 && id->die >= 0;
	/* "psys-1" is the same domain, as listed by a second package. */
	if (strcmp(name, "psys") == 0 || strncmp(name, "psys-", 5) == 0) {
		*id = (struct rapl_id){RAPL_PLATFORM, 0, -1};
		return true;
	}
	sub_zone = parent ? find_sub_zone(name) : NULL;
	if (sub_zone)
		*id = (struct rapl_id){sub_zone->kind, parent->package, parent->die};
	return sub_zone;
}

/* The name in the file system: "intel-rapl:0:1". */
static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const struct powercap_zone *find_by_name(const struct powercap_zones *zones,
                                                const char *name, size_t length)
{
	for (size_t i = 0; i < zones->n; i++) {
		const char *other = base_name(zones->zones[i].path);

		if (strlen(other) == length && strncmp(other, name, length) == 0)
			return &zones->zones[i];
	}
	return NULL;
}

/* Add the directory of a zone; its domain is identified once all zones are known. */
static int add_zone(struct powercap_zones *zones, const char *path)
{
	const char *name = base_name(path);
	struct powercap_zone *grown;

	if (find_by_name(zones, name, strlen(name)))
		return 0;
	grown = reallocarray(zones->zones, zones->n + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	zones->zones = grown;
	grown[zones->n] = (struct powercap_zone){.path = strdup(path), .type = type_of_name(name)};
	if (!grown[zones->n].path)
		return -ENOMEM;
	zones->n++;
	return 0;
}

/*
 * Add every zone below a directory. sys/class/powercap lists all zones side by side as links, and a
 * control type's directory has them as a tree: either is enough, and both give the same zones.
 * Returns 0, -ENOENT if the directory cannot be read, or -ENOMEM.
 */
static int walk(int root, const char *folder, int depth, struct powercap_zones *zones)
{
	int fd = openat(root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int error = 0;

	if (!dir) {
		error = errno == ENOMEM ? -ENOMEM : -ENOENT;
		if (fd >= 0)
			close(fd);
		return error;
	}
	while (!error && (entry = readdir(dir))) {
		char *path;

		if (type_of_name(entry->d_name) < 0)
			continue;
		path = sysfs_join(folder, entry->d_name);
		if (!path)
			error = -ENOMEM;
		else if (strchr(entry->d_name, ':'))
			error = add_zone(zones, path);
		if (!error && depth < DEEPEST && walk(root, path, depth + 1, zones) == -ENOMEM)
			error = -ENOMEM;
		free(path);
	}
	closedir(dir);
	return error;
}

static int compare_zones(const void *a, const void *b)
{
	const struct powercap_zone *left = a, *right = b;

	if (left->type != right->type)
		return left->type - right->type;
	/* A parent's name is a prefix of its children's names, and sorts first. */
	return strverscmp(base_name(left->path), base_name(right->path));
}

/* printf() to zones->unknown, for the first unknown zone. Returns false. */
__attribute__((format(printf, 2, 3))) static bool not_known(struct powercap_zones *zones,
                                                            const char *format, ...)
{
	va_list arguments;

	if (zones->n_unknown++)
		return false;
	va_start(arguments, format);
	vsnprintf(zones->unknown, sizeof(zones->unknown), format, arguments);
	va_end(arguments);
	return false;
}

/* Read the zone's name. Returns false, and notes why, if it is not a known domain. */
static bool identify(const struct rapl_machine *machine, struct powercap_zones *known,
                     struct powercap_zone *zone)
{
	const struct powercap_zone *parent = NULL;
	const char *name = base_name(zone->path);
	const char *colon = strrchr(name, ':');
	char path[512];
	char text[64];
	int length;

	if (colon != strchr(name, ':'))
		parent = find_by_name(known, name, (size_t)(colon - name));
	if (snprintf(path, sizeof(path), "%s/name", zone->path) >= (int)sizeof(path))
		return not_known(known, "%s/%s is too long a path", machine->sysroot, zone->path);
	length = sysfs_read(machine->root, path, text, sizeof(text));
	if (length <= 0)
		return not_known(known, "%s/%s %s%s", machine->sysroot, path,
		                 length ? "cannot be read: " : "is empty",
		                 length ? strerror(-length) : "");
	if (powercap_name_to_id(text, parent ? &parent->id : NULL, &zone->id))
		return true;
	if (find_sub_zone(text) && !parent)
		return not_known(known,
		                 "%s/%s is '%s' outside of any package: which package's it is, "
		                 "the kernel does not tell",
		                 machine->sysroot, path, text);
	return not_known(known, "%s/%s is '%s', which is no RAPL domain", machine->sysroot, path,
	                 text);
}

int powercap_zones_find(const struct rapl_machine *machine, struct powercap_zones *zones)
{
	size_t found;
	int error;

	*zones = (struct powercap_zones){0};
	error = walk(machine->root, "sys/class/powercap", 0, zones);
	if (error == -ENOENT)
		error = walk(machine->root, "sys/devices/virtual/powercap", 0, zones);
	if (error || zones->n == 0) {
		powercap_zones_free(zones);
		return error == -ENOMEM ? error : -ENODEV;
	}
	qsort(zones->zones, zones->n, sizeof(*zones->zones), compare_zones);
	/* Keep the identified zones, in place; zones->n counts them. */
	found = zones->n;
	zones->n = 0;
	for (size_t i = 0; i < found; i++) {
		struct powercap_zone zone = zones->zones[i];

		if (identify(machine, zones, &zone))
			zones->zones[zones->n++] = zone;
		else
			free(zone.path);
	}
	return 0;
}

void powercap_zones_free(struct powercap_zones *zones)
{
	for (size_t i = 0; i < zones->n; i++)
		free(zones->zones[i].path);
	free(zones->zones);
	*zones = (struct powercap_zones){0};
}
