/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The stacks of a collection with their frames named. A frame becomes one node for each function at
 * its place: inlined functions have nodes of their own.
 */
#ifndef SOURCES_PERF_PROFILE_NAMED_STACKS_H
#define SOURCES_PERF_PROFILE_NAMED_STACKS_H

#include <stdint.h>

#include "sources/perf/profile/naming.h"
#include "sources/perf/profile/stacks.h"

struct named_stacks {
	struct stacks stacks; /* index is a frame's module, place its function: strings */
	/*
	 * The node in stacks of each node of the collection. A caller's address that is no code
	 * has STACK_ROOT: its own callers are not to be trusted either.
	 */
	uint32_t *nodes;
};

/*
 * Name all frames of the stacks. Returns 0 or -ENOMEM; named_stacks_fini() is due either way, which
 * takes a zeroed struct, too.
 */
int named_stacks_init(struct named_stacks *named, const struct stacks *from, struct naming *naming);
void named_stacks_fini(struct named_stacks *named);

#endif
