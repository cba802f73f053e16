/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds binaries whose stacks are truncated: the kernel finds callers by the frame pointer, which
 * compilers omit by default, and only so many of them.
 */
#ifndef SOURCES_PERF_PROFILE_INCOMPLETE_H
#define SOURCES_PERF_PROFILE_INCOMPLETE_H

#include "alumet/run.h"
#include "sources/perf/profile/collect.h"
#include "sources/perf/profile/strings.h"

struct incomplete_module {
	uint32_t module; /* number of its name in strings */
	uint64_t samples, incomplete;
	uint64_t deep; /* samples with as many frames as the kernel takes */
};

struct incomplete {
	struct incomplete_module *modules;
	size_t n;
	uint64_t samples; /* of all modules */
	size_t frames_max;
};

/* The number of frames in user space that the kernel takes of a stack at most. */
size_t incomplete_frames_max(void);

/*
 * Find them; the caller has set frames_max. named: the stacks with named frames (index: module,
 * place: function; both numbers in strings); nodes: the named node of each node of the collection.
 * Returns 0 or -ENOMEM.
 */
int incomplete_find(struct incomplete *incomplete, const struct collection *collection,
                    const struct stacks *named, const uint32_t *nodes,
                    const struct strings *strings);
void incomplete_fini(struct incomplete *incomplete);

/* Report a line for each binary that matters. */
void incomplete_say(const struct incomplete *incomplete, const struct strings *strings,
                    void (*say)(void *data, enum report_kind kind, const char *line), void *data);

#endif
