/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The points since the last flush, with copies of their strings. A running transform has a pointer
 * to the points, so they must not move: what it adds is kept separately until it returns.
 */
#ifndef CORE_POINT_BUFFER_H
#define CORE_POINT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "alumet/point.h"
#include "core/arena.h"

struct point_buffer {
	struct point *points;
	size_t n, capacity;
	struct point *scratch; /* at least as large; to sort, and for points of a transform */
	size_t scratch_capacity;
	bool held;
	size_t n_added; /* points added while held, from scratch[n] on */

	struct arena texts;
	size_t text_bytes;
	const struct attribute *common; /* of every point; set by the buffer's owner */
	size_t n_common;
};

/* Initialise a zeroed buffer. Returns 0 or -ENOMEM; call point_buffer_fini() in either case. */
int point_buffer_init(struct point_buffer *buffer);
void point_buffer_fini(struct point_buffer *buffer);

/* Whether the point would exceed the limits of the buffer: flush first. */
bool point_buffer_is_full(const struct point_buffer *buffer, const struct point *point);

/* Add a copy of the point with the common attributes that it lacks. Returns 0 or -ENOMEM. */
int point_buffer_add(struct point_buffer *buffer, const struct point *point);

/* Sort the points by time. */
void point_buffer_sort(struct point_buffer *buffer);

/* Do not move points until point_buffer_release(). */
void point_buffer_hold(struct point_buffer *buffer);

/*
 * Merge what was added since point_buffer_hold() into the points, by time. Returns 0, or -ENOMEM,
 * logged, if it is lost.
 */
int point_buffer_release(struct point_buffer *buffer);

/* Remove all points and strings, but keep the memory. */
void point_buffer_clear(struct point_buffer *buffer);

#endif
