/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/life_numbers.h"

#include <stdlib.h>

/* An element that finds no memory is left out, its hh.tbl NULL, instead of ending the program. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* PID_MAX_LIMIT of include/linux/threads.h is 4 Mi. The kernel hands pids out in ascending order. */
#define CHUNK_PIDS 32768U
#define CHUNKS ((4U << 20) / CHUNK_PIDS)

struct again {
	UT_hash_handle hh;
	uint32_t pid;
	uint32_t number; /* of its last life */
};

struct life_numbers {
	uint8_t *seen[CHUNKS]; /* a bit for each pid; NULL: none of them yet */
	struct again *again;
};

struct life_numbers *life_numbers_new(void)
{
	return calloc(1, sizeof(struct life_numbers));
}

void life_numbers_free(struct life_numbers *numbers)
{
	struct again *again, *next;
	uint32_t i;

	if (!numbers)
		return;
	HASH_ITER(hh, numbers->again, again, next)
	{
		HASH_DEL(numbers->again, again);
		free(again);
	}
	for (i = 0; i < CHUNKS; i++)
		free(numbers->seen[i]);
	free(numbers);
}

static uint32_t count_again(struct life_numbers *numbers, uint32_t pid)
{
	struct again *again;

	HASH_FIND(hh, numbers->again, &pid, sizeof(pid), again);
	if (again)
		return ++again->number;
	again = calloc(1, sizeof(*again));
	if (!again)
		return 0;
	again->pid = pid;
	again->number = 2;
	HASH_ADD(hh, numbers->again, pid, sizeof(again->pid), again);
	if (!again->hh.tbl) {
		free(again);
		return 0;
	}
	return again->number;
}

uint32_t life_numbers_next(struct life_numbers *numbers, uint32_t pid)
{
	uint32_t within = pid % CHUNK_PIDS;
	uint8_t bit = (uint8_t)(1U << within % 8);
	uint8_t **chunk = &numbers->seen[pid / CHUNK_PIDS % CHUNKS];

	if (!*chunk)
		*chunk = calloc(1, CHUNK_PIDS / 8);
	if (!*chunk)
		return 0;
	if ((*chunk)[within / 8] & bit)
		return count_again(numbers, pid);
	(*chunk)[within / 8] |= bit;
	return 1;
}
