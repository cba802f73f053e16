/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/life_numbers.h"

#include <stdlib.h>

/*
 * PID_MAX_LIMIT of include/linux/threads.h is 4 Mi. The kernel hands pids out in ascending order.
 */
#define CHUNK_PIDS 4096U
#define CHUNKS ((4U << 20) / CHUNK_PIDS)

/* The number of the last life of each pid; 0: none yet. Only one of the two is used. */
struct chunk {
	uint8_t *narrow;
	uint32_t *wide; /* used when a number exceeds the narrow ones */
};

struct life_numbers {
	struct chunk chunks[CHUNKS];
};

struct life_numbers *life_numbers_new(void)
{
	return calloc(1, sizeof(struct life_numbers));
}

void life_numbers_free(struct life_numbers *numbers)
{
	if (!numbers)
		return;
	for (uint32_t i = 0; i < CHUNKS; i++) {
		free(numbers->chunks[i].narrow);
		free(numbers->chunks[i].wide);
	}
	free(numbers);
}

static uint32_t *widen(struct chunk *chunk)
{
	chunk->wide = calloc(CHUNK_PIDS, sizeof(*chunk->wide));
	if (!chunk->wide)
		return NULL;
	for (uint32_t i = 0; i < CHUNK_PIDS; i++)
		chunk->wide[i] = chunk->narrow[i];
	free(chunk->narrow);
	chunk->narrow = NULL;
	return chunk->wide;
}

uint32_t life_numbers_next(struct life_numbers *numbers, uint32_t pid)
{
	struct chunk *chunk = &numbers->chunks[pid / CHUNK_PIDS % CHUNKS];
	const uint32_t within = pid % CHUNK_PIDS;

	if (chunk->wide)
		return ++chunk->wide[within];
	if (!chunk->narrow)
		chunk->narrow = calloc(CHUNK_PIDS, sizeof(*chunk->narrow));
	if (!chunk->narrow)
		return 0;
	if (chunk->narrow[within] < UINT8_MAX)
		return ++chunk->narrow[within];
	return widen(chunk) ? ++chunk->wide[within] : 0;
}
