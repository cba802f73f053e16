/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a process writes the names of the functions that it compiles: /tmp/perf-PID.map, with the
 * pid and the /tmp that it sees. In a container the agent sees others.
 */
#ifndef SOURCES_PERF_PROFILE_PERF_MAP_PLACE_H
#define SOURCES_PERF_PROFILE_PERF_MAP_PLACE_H

#include <stddef.h>
#include <stdint.h>

struct perf_map_place {
	uint32_t pid; /* 0: not known */
	int folder;   /* open, as the process may end before the map is read; negative: /tmp */
};

/* Find it while the process lives. The caller closes place->folder. */
void perf_map_place_find(uint32_t pid, struct perf_map_place *place);

/* The path of the map; folder: the agent's /tmp. */
void perf_map_place_path(const struct perf_map_place *place, const char *folder, char *path,
                         size_t size);

#endif
