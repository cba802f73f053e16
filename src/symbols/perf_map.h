/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Functions that were compiled while the program ran (Java, Node, Python's perf trampoline), from
 * /tmp/perf-PID.map, which the program writes: lines of "START SIZE name", in hexadecimal. See
 * tools/perf/Documentation/jit-interface.txt in the kernel's sources.
 */
#ifndef SYMBOLS_PERF_MAP_H
#define SYMBOLS_PERF_MAP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct perf_map;

/*
 * Read the map. It must belong to the caller, to root, to the user who called sudo, or to owner,
 * the user who runs the program ((uid_t)-1: unknown). since: when the program started, in seconds
 * since 1970. room: the limit of memory for the map, in bytes. Returns 0, -ENOENT if there is none,
 * -EPERM if it belongs to somebody else, -ESTALE if it was last written before since, -EFBIG, or
 * another negative errno.
 */
int perf_map_read(const char *path, uid_t owner, time_t since, size_t room, struct perf_map **map);

/* Memory of the map, in bytes. */
size_t perf_map_size(const struct perf_map *map);
void perf_map_free(struct perf_map *map);

/* The function at the address, valid as long as the map; NULL: there is none. */
const char *perf_map_name(const struct perf_map *map, uint64_t address);

#endif
