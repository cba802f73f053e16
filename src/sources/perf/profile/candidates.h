/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds files by their build ids, for processes that ended before their /proc/PID/maps was read.
 * Their mappings probably belong to a program that was executed, to its loader, to a library that
 * others have mapped, or to one in the loader's cache.
 */
#ifndef SOURCES_PERF_PROFILE_CANDIDATES_H
#define SOURCES_PERF_PROFILE_CANDIDATES_H

#include "sources/perf/profile/images.h"
#include "sources/perf/profile/strings.h"

struct candidate;

struct candidates {
	struct candidate *by_build_id;
	bool has_programs, has_libraries;
};

/* Files that the processes have executed, by their numbers in strings. */
struct programs {
	const uint32_t *numbers;
	size_t n;
};

/*
 * The path of the file with this build id, valid as long as the candidates; NULL: unknown. The
 * first call reads the files. cache: /etc/ld.so.cache except in tests, or NULL.
 */
const char *candidates_find(struct candidates *candidates, const struct images *images,
                            const struct strings *strings, const struct programs *programs,
                            const char *cache, const uint8_t build_id[BUILD_ID_SIZE]);
void candidates_fini(struct candidates *candidates);

#endif
