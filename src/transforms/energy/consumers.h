/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The processes among which energy is divided: weights in the interval, and energy so far. */
#ifndef TRANSFORMS_ENERGY_CONSUMERS_H
#define TRANSFORMS_ENERGY_CONSUMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/point.h"
#include "alumet/weights.h"
#include "core/hash_table.h"
#include "core/recent.h"

/* In counts of a zone. */
struct consumer_energy {
	uint64_t pending; /* since the last row */
	uint64_t total;
};

/* Like struct process_key, but without padding, because it is hashed byte by byte. */
struct consumer_key {
	uint64_t start_ns;
	uint64_t pid;
};

struct consumer {
	struct consumer_key key;
	struct consumer *next; /* the next one with weights in this interval */
	bool is_touched;
	uint32_t life;        /* number of its life, if rows distinguish lives; else 0 */
	char rank[RANK_SIZE]; /* in a parallel job; "": none */
	struct consumer_energy *energy; /* by zone; NULL: none yet */
	size_t n_zones;                 /* size of energy */
	UT_hash_handle hh;
	uint64_t weights[WEIGHT_GROUPS_MAX];
	uint64_t misses[WEIGHT_GROUPS_MAX];
};

struct consumers {
	struct consumer *by_key;
	struct consumer *recent[RECENT_MAX]; /* by recent_place() of the key */
	struct consumer *touched; /* those with weights in this interval */
};

/* Prefetch the consumer of a process into the CPU's cache, because it will soon be looked up. */
void consumers_prefetch(const struct consumers *consumers, uint32_t pid, uint64_t start_ns);

/* The consumer of a process; NULL: there is none. */
struct consumer *consumers_find(struct consumers *consumers, uint32_t pid, uint64_t start_ns);

/* The same, but created if there is none, and added to the list touched. NULL if out of memory. */
struct consumer *consumers_touch(struct consumers *consumers, uint32_t pid, uint64_t start_ns);

/* Make sure that energy has room for n zones. Returns 0 or -ENOMEM. */
int consumer_grow(struct consumer *consumer, size_t n);

/* Reset the weights of the interval. */
void consumers_end_interval(struct consumers *consumers);

void consumers_remove(struct consumers *consumers, struct consumer *consumer);
void consumers_fini(struct consumers *consumers);

#endif
