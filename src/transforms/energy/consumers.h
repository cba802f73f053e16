/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The processes that energy is shared between: their weights in the interval, their energy so far. */
#ifndef ENERGY_CONSUMERS_H
#define ENERGY_CONSUMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "alumet/weights.h"

/* In counts of a zone. */
struct consumer_energy {
	uint64_t pending; /* since the last row */
	uint64_t total;
};

/* As struct process_key, without padding: it is hashed byte by byte. */
struct consumer_key {
	uint64_t start_ns;
	uint64_t pid;
};

struct consumer {
	UT_hash_handle hh;
	struct consumer_key key;
	struct consumer *next; /* that has weights in this interval */
	bool is_touched;
	uint32_t life; /* of its pid, where its rows have to tell; else 0 */
	uint64_t weights[WEIGHT_GROUPS_MAX];
	uint64_t misses[WEIGHT_GROUPS_MAX];
	struct consumer_energy *energy; /* by zone; NULL: none yet */
	size_t n_zones;                 /* of energy */
};

struct consumers {
	struct consumer *by_key;
	struct consumer *touched; /* those with weights in this interval */
};

/* The consumer of a process; NULL: there is none. */
struct consumer *consumers_find(struct consumers *consumers, uint32_t pid, uint64_t start_ns);

/* The same, made if need be; it is in the list of those touched. NULL when memory ran out. */
struct consumer *consumers_touch(struct consumers *consumers, uint32_t pid, uint64_t start_ns);

/* Make sure that energy has room for n zones. Returns 0 or -ENOMEM. */
int consumer_grow(struct consumer *consumer, size_t n);

/* Forget the weights of the interval. */
void consumers_end_interval(struct consumers *consumers);

void consumers_remove(struct consumers *consumers, struct consumer *consumer);
void consumers_fini(struct consumers *consumers);

#endif
