/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The samples of a run, folded: a tree of stacks, and for each process, stack and slot of time the
 * number of samples. Slots get longer during a run.
 */
#ifndef SOURCES_PERF_PROFILE_STACKS_H
#define SOURCES_PERF_PROFILE_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The meaning of a frame's place. */
enum stack_frame_kind {
	STACK_KERNEL,  /* an address in the kernel */
	STACK_BINARY,  /* an offset in the binary with this index */
	STACK_ADDRESS, /* an address in the image with this index: its binary was unknown */
};

struct stack_frame {
	enum stack_frame_kind kind;
	uint32_t index;
	uint64_t place;
};

/* The root of all stacks, which is no frame. */
#define STACK_ROOT 0

/*
 * Limits of nodes and counts, 70 MB together. Samples beyond them are counted at the root, so that
 * none is lost.
 */
#define STACK_NODES_MAX 1000000
#define STACK_COUNTS_MAX 500000

/*
 * At this many counts, slots are doubled until half of the counts are left, or a slot exceeds any
 * run. More counts than that come from more stacks and processes.
 */
#define STACK_COUNTS_FINE 25000
#define STACK_SLOT_FIRST_NS 1000000ULL
#define STACK_SLOT_LAST_NS (1ULL << 62)

struct stack_node {
	uint32_t parent;
	struct stack_frame frame;
};

struct stack_count {
	uint32_t process, node; /* process: the caller's number */
	uint64_t time_ns;       /* of the first sample */
	uint64_t samples, weight;
	double priced; /* the sum of weight times the price of energy at its time */
};

struct stack_slots {
	uint32_t *slots; /* index + 1; 0: free */
	size_t n;        /* a power of two */
};

struct stacks {
	struct stack_node *nodes;
	size_t n_nodes, nodes_capacity;
	struct stack_count *counts;
	size_t n_counts, counts_capacity;
	struct stack_slots node_slots, count_slots;
	uint64_t slot_ns;  /* the length of a slot of time */
	uint64_t too_many; /* samples whose stacks did not fit */
};

/* Returns 0 or -ENOMEM. */
int stacks_init(struct stacks *stacks);
void stacks_fini(struct stacks *stacks);

/*
 * The node of this frame below its parent, added if there is none; STACK_ROOT if there is no room.
 */
uint32_t stacks_below(struct stacks *stacks, uint32_t parent, const struct stack_frame *frame);

/* The node of a stack, whose frames are given from the innermost to the outermost. */
uint32_t stacks_node(struct stacks *stacks, const struct stack_frame *frames, size_t n);

/*
 * Add samples to the count of their process, node and time. Returns 0, or -ENOMEM if they cannot be
 * counted even without their stack.
 */
int stacks_count(struct stacks *stacks, const struct stack_count *samples);

#endif
