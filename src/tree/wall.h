/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How long a run took: from the start of its command to the end of the last process that has ended.
 * Summary and reports share this rule.
 */
#ifndef TREE_WALL_H
#define TREE_WALL_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: no process yet. All times are of the same clock. */
struct wall {
	bool root_ended; /* the command's own process was seen to end */
	uint64_t root_begin_ns, last_end_ns;
};

/* Add a process. end_ns counts if it has ended. */
static inline void wall_add(struct wall *wall, bool is_root, bool ended, uint64_t begin_ns,
                            uint64_t end_ns)
{
	if (is_root) {
		wall->root_ended = ended;
		wall->root_begin_ns = begin_ns;
	}
	if (ended && end_ns > wall->last_end_ns)
		wall->last_end_ns = end_ns;
}

/* The wall time, or the value of otherwise if the command is still running or was never seen. */
static inline uint64_t wall_time_ns(const struct wall *wall, uint64_t otherwise)
{
	return wall->root_ended && wall->last_end_ns > wall->root_begin_ns
	               ? wall->last_end_ns - wall->root_begin_ns
	               : otherwise;
}

#endif
