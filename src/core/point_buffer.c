/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/point_buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/point_sort.h"

/* Flush before either limit is exceeded, to bound the agent's memory. */
#define MAX_POINTS 8192
#define MAX_TEXT_BYTES ((size_t)1024 * 1024)

int point_buffer_init(struct point_buffer *buffer)
{
	/* Pages that are never used are never touched, and cost nothing. */
	buffer->capacity = buffer->scratch_capacity = MAX_POINTS;
	buffer->points = malloc(MAX_POINTS * sizeof(*buffer->points));
	buffer->scratch = malloc(MAX_POINTS * sizeof(*buffer->scratch));
	return buffer->points && buffer->scratch ? 0 : -ENOMEM;
}

void point_buffer_fini(struct point_buffer *buffer)
{
	arena_fini(&buffer->texts);
	free(buffer->points);
	free(buffer->scratch);
	*buffer = (struct point_buffer){0};
}

/* --- texts ------------------------------------------------------------------------------------ */

static bool has_key(const struct attribute *attributes, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(attributes[i].key, key) == 0)
			return true;
	}
	return false;
}

static bool has_rank(const struct point *point)
{
	return point->consumer_rank && *point->consumer_rank;
}

/* The maximum number of attributes of the copy. */
static size_t attributes_max(const struct point_buffer *buffer, const struct point *point)
{
	return point->n_attributes + has_rank(point) + buffer->n_common;
}

/* The maximum size of the copies that copy_texts() makes, in bytes. */
static size_t copies_size(const struct point_buffer *buffer, const struct point *point)
{
	size_t bytes = attributes_max(buffer, point) * sizeof(*point->attributes);

	for (size_t i = 0; i < point->n_attributes; i++)
		bytes += point->attributes[i].length;
	if (has_rank(point))
		bytes += strlen(point->consumer_rank) + 1;
	if (point->resource_text)
		bytes += strlen(point->resource_text) + 1;
	if (point->consumer_text)
		bytes += strlen(point->consumer_text) + 1;
	return bytes;
}

/* Copy n bytes to *at, and advance *at past them. Returns the copy. */
static const char *put(char **at, const char *bytes, size_t n)
{
	char *copy = *at;

	if (n > 0)
		memcpy(copy, bytes, n);
	*at += n;
	return copy;
}

static int copy_texts(struct point_buffer *buffer, struct point *point)
{
	const size_t bytes = copies_size(buffer, point);
	const struct attribute *from = point->attributes;
	struct attribute *to;
	char *text;

	if (!has_rank(point))
		point->consumer_rank = NULL;
	if (bytes == 0)
		return 0;
	to = arena_take(&buffer->texts, bytes);
	if (!to)
		return -ENOMEM;
	text = (char *)(to + attributes_max(buffer, point));
	for (size_t i = 0; i < point->n_attributes; i++)
		to[i] = (struct attribute){from[i].key, put(&text, from[i].text, from[i].length),
		                           from[i].length};
	/* Before the common attributes: the process's own rank replaces the agent's. */
	if (point->consumer_rank) {
		const size_t n = strlen(point->consumer_rank);

		point->consumer_rank = put(&text, point->consumer_rank, n + 1);
		to[point->n_attributes++] = (struct attribute){"rank", point->consumer_rank, n};
	}
	for (size_t i = 0; i < buffer->n_common; i++) {
		if (!has_key(to, point->n_attributes, buffer->common[i].key))
			to[point->n_attributes++] = buffer->common[i];
	}
	point->attributes = to;
	if (point->resource_text)
		point->resource_text =
			put(&text, point->resource_text, strlen(point->resource_text) + 1);
	if (point->consumer_text)
		point->consumer_text =
			put(&text, point->consumer_text, strlen(point->consumer_text) + 1);
	buffer->text_bytes += bytes;
	return 0;
}

/* --- points ----------------------------------------------------------------------------------- */

bool point_buffer_is_full(const struct point_buffer *buffer, const struct point *point)
{
	return buffer->n >= MAX_POINTS ||
	       (buffer->n > 0 && buffer->text_bytes + copies_size(buffer, point) > MAX_TEXT_BYTES);
}

static int add_while_held(struct point_buffer *buffer, const struct point *point)
{
	const size_t at = buffer->n + buffer->n_added;

	if (at == buffer->scratch_capacity) {
		size_t capacity = buffer->scratch_capacity * 2;
		struct point *scratch = reallocarray(buffer->scratch, capacity, sizeof(*scratch));

		if (!scratch)
			return -ENOMEM;
		buffer->scratch = scratch;
		buffer->scratch_capacity = capacity; /* points grows in point_buffer_release() */
	}
	buffer->scratch[at] = *point;
	buffer->n_added++;
	return 0;
}

int point_buffer_add(struct point_buffer *buffer, const struct point *point)
{
	struct point copy = *point;

	if (copy_texts(buffer, &copy) < 0)
		return -ENOMEM;
	if (buffer->held)
		return add_while_held(buffer, &copy);
	buffer->points[buffer->n++] = copy;
	return 0;
}

void point_buffer_sort(struct point_buffer *buffer)
{
	point_sort(buffer->points, buffer->n, buffer->scratch);
}

void point_buffer_hold(struct point_buffer *buffer)
{
	buffer->held = true;
}

/* Grow points to the size of scratch. Returns false when memory ran out. */
static bool grow_points(struct point_buffer *buffer)
{
	struct point *points;

	if (buffer->capacity == buffer->scratch_capacity)
		return true;
	points = reallocarray(buffer->points, buffer->scratch_capacity, sizeof(*points));
	if (!points)
		return false;
	buffer->points = points;
	buffer->capacity = buffer->scratch_capacity;
	return true;
}

int point_buffer_release(struct point_buffer *buffer)
{
	buffer->held = false;
	if (buffer->n_added == 0)
		return 0;
	if (!grow_points(buffer)) {
		log_error("out of memory: %zu points that a transform added are lost",
		          buffer->n_added);
		buffer->n_added = 0;
		return -ENOMEM;
	}
	memcpy(buffer->points + buffer->n, buffer->scratch + buffer->n,
	       buffer->n_added * sizeof(*buffer->points));
	buffer->n += buffer->n_added;
	buffer->n_added = 0;
	point_buffer_sort(buffer);
	return 0;
}

void point_buffer_clear(struct point_buffer *buffer)
{
	buffer->n = 0;
	buffer->text_bytes = 0;
	arena_reset(&buffer->texts);
}
