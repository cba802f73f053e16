/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/tracepoint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "core/suggest.h"
#include "linux/sysfs.h"

/* Where tracefs is mounted, and where debugfs shows it on older systems. */
static const char *const places[] = {
	"sys/kernel/tracing/events",
	"sys/kernel/debug/tracing/events",
};

#define N_PLACES (sizeof(places) / sizeof(places[0]))

/* Length of the subsystem in "subsystem:tracepoint", or 0 if the name has another form. */
static size_t subsystem_length(const char *name)
{
	const char *colon = strchr(name, ':');

	if (!colon || colon == name || !colon[1] || strchr(colon + 1, ':') || strchr(name, '/') ||
	    name[0] == '.' || colon[1] == '.')
		return 0;
	return (size_t)(colon - name);
}

static int keep_folder(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type != DT_REG;
}

static int explain_unknown(const struct event_spec *spec, const char *folder, const char *word)
{
	struct dirent **entries;
	const char **names;
	const char *nearest;
	int n = scandir(folder, &entries, keep_folder, NULL);

	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : -ENOENT;
	names = calloc((size_t)n + 1, sizeof(*names));
	for (int i = 0; names && i < n; i++)
		names[i] = entries[i]->d_name;
	nearest = names ? suggest_nearest(word, names, (size_t)n) : NULL;
	if (nearest)
		log_error("event \"%s\": the kernel has no such tracepoint; did you mean %.*s%s?",
		          spec->text, (int)(word - spec->name), spec->name, nearest);
	else if (names)
		log_error("event \"%s\": the kernel has no such tracepoint\n"
		          "ls %s lists those that it has",
		          spec->text, folder + (strncmp(folder, "//", 2) == 0));
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
	free(names);
	return names ? -EINVAL : -ENOMEM;
}

int tracepoint_find(const char *sysroot, const struct event_spec *spec, uint64_t *id)
{
	const size_t length = subsystem_length(spec->name);
	const char *tracepoint = spec->name + length + 1;

	for (size_t i = 0; length > 0 && i < N_PLACES; i++) {
		char folder[PATH_MAX], path[PATH_MAX];
		int err;

		if (snprintf(folder, sizeof(folder), "%s/%s/%.*s", sysroot, places[i], (int)length,
		             spec->name) >= PATH_MAX ||
		    snprintf(path, sizeof(path), "%s/%s/id", folder, tracepoint) >= PATH_MAX)
			return -ENOENT;
		err = sysfs_read_u64(AT_FDCWD, path, id);
		if (!err)
			return 0;
		if (access(folder, F_OK) == 0)
			return explain_unknown(spec, folder, tracepoint);
	}
	return -ENOENT;
}

const char *tracepoint_obstacle(const char *sysroot, const char *name)
{
	bool forbidden = false;

	if (subsystem_length(name) == 0)
		return NULL;
	for (size_t i = 0; i < N_PLACES; i++) {
		char path[PATH_MAX];

		if (snprintf(path, sizeof(path), "%s/%s", sysroot, places[i]) >= PATH_MAX)
			continue;
		if (access(path, R_OK | X_OK) == 0)
			return NULL;
		forbidden |= errno == EACCES;
	}
	return forbidden ? "only root may look into tracefs. Run as root, or\n"
	                   "sudo mount -o remount,mode=755 /sys/kernel/tracing"
	                 : "tracefs is not mounted:\n"
	                   "sudo mount -t tracefs tracefs /sys/kernel/tracing";
}
