/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/ranking.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int ranking_init(struct ranking *ranking, size_t max, size_t n_values)
{
	*ranking = (struct ranking){.max = max, .n_values = n_values};
	ranking->entries = calloc(max, sizeof(struct ranked *));
	return ranking->entries ? 0 : -ENOMEM;
}

void ranking_fini(struct ranking *ranking)
{
	for (size_t i = 0; i < ranking->n; i++) {
		free(ranking->entries[i]->values);
		free(ranking->entries[i]);
	}
	free(ranking->entries);
	*ranking = (struct ranking){.n = 0};
}

static bool is_less(const struct ranked *a, const struct ranked *b)
{
	return a->cost != b->cost ? a->cost < b->cost : a->order > b->order;
}

static void swap(struct ranking *ranking, size_t i, size_t j)
{
	struct ranked *entry = ranking->entries[i];

	ranking->entries[i] = ranking->entries[j];
	ranking->entries[j] = entry;
}

static void sift_up(struct ranking *ranking, size_t i)
{
	while (i > 0 && is_less(ranking->entries[i], ranking->entries[(i - 1) / 2])) {
		swap(ranking, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

static void sift_down(struct ranking *ranking)
{
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= ranking->n)
			return;
		if (child + 1 < ranking->n &&
		    is_less(ranking->entries[child + 1], ranking->entries[child]))
			child++;
		if (!is_less(ranking->entries[child], ranking->entries[i]))
			return;
		swap(ranking, i, child);
		i = child;
	}
}

static void fill(const struct ranking *ranking, struct ranked *entry, const struct life *life)
{
	entry->key = life->key;
	entry->number = life->number;
	entry->wall_ns = life->end_ns > life->begin_ns ? life->end_ns - life->begin_ns : 0;
	entry->wait_status = life->wait_status;
	entry->ended = life->ended;
	entry->status_hidden = life->status_hidden;
	entry->oom_killed = life->oom_killed;
	label_make(life, &entry->label);
	label_command_line(life, entry->command, sizeof(entry->command));
	memcpy(entry->values, life->values, ranking->n_values * sizeof(*entry->values));
}

static struct ranked *ranked_new(size_t n_values)
{
	struct ranked *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->values = calloc(n_values + 1, sizeof(*entry->values));
	if (!entry->values) {
		free(entry);
		return NULL;
	}
	return entry;
}

int ranking_add(struct ranking *ranking, const struct life *life, double cost)
{
	const uint64_t order = ranking->entered++;
	struct ranked *entry;

	if (!(cost > 0) || ranking->max == 0)
		return 0;
	if (ranking->n == ranking->max) {
		/* At equal cost, the earlier one ranks higher. */
		entry = ranking->entries[0];
		if (cost <= entry->cost)
			return 0;
	} else {
		entry = ranked_new(ranking->n_values);
		if (!entry)
			return -ENOMEM;
		ranking->entries[ranking->n] = entry;
	}
	fill(ranking, entry, life);
	entry->cost = cost;
	entry->order = order;
	if (entry == ranking->entries[0] && ranking->n == ranking->max)
		sift_down(ranking);
	else
		sift_up(ranking, ranking->n++);
	return 0;
}

static int most_first(const void *a, const void *b)
{
	const struct ranked *x = *(struct ranked *const *)a;
	const struct ranked *y = *(struct ranked *const *)b;

	return is_less(x, y) ? 1 : -1;
}

void ranking_sort(struct ranking *ranking)
{
	if (ranking->n > 1)
		qsort(ranking->entries, ranking->n, sizeof(struct ranked *), most_first);
}
