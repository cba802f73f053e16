/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers that are the same in every run: Marsaglia's xorshift64. */
#ifndef TESTS_UNIT_RANDOM_NUMBERS_H
#define TESTS_UNIT_RANDOM_NUMBERS_H

#include <stdint.h>

static uint64_t random_state = 88172645463325252ULL; /* not 0 */

static inline uint64_t random_u64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* From 0 on, below 1. */
static inline double random_part(void)
{
	return (double)(random_u64() >> 11) / 9007199254740992.0;
}

#endif
