/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The functions in which a run's commands spend their time, by samples: add all samples, settle,
 * then read.
 */
#ifndef TREE_HOT_H
#define TREE_HOT_H

#include <stddef.h>
#include <stdint.h>

/* Functions shown for each command. */
#define HOT_FUNCTIONS 3

/* A function, without what it calls. */
struct hot_function {
	const char *name;
	const char *module; /* "" when it is not known */
	uint64_t samples;
	double weight; /* of the samples: ns, or events */
};

struct hot_command {
	const char *name;
	uint64_t samples;
	double weight;
	size_t n; /* HOT_FUNCTIONS at most; the hottest first */
	struct hot_function functions[HOT_FUNCTIONS];
};

struct hot;

/* Returns NULL if out of memory. */
struct hot *hot_new(void);
void hot_free(struct hot *hot);

/* Add samples. Strings are copied. function NULL: unknown. Returns 0 or -ENOMEM. */
int hot_add(struct hot *hot, const char *command, const char *function, const char *module,
            uint64_t samples, double weight);

/*
 * Sort the commands by decreasing weight, and set *n to their number. Returns NULL if out of
 * memory. The result is valid until the next call or hot_free().
 */
const struct hot_command *hot_settle(struct hot *hot, size_t *n);

/* Of all samples. */
uint64_t hot_samples(const struct hot *hot);
double hot_weight(const struct hot *hot);

#endif
