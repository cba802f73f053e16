/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * inlined ROUNDS: its time goes into turn(), which is inlined into left() and right(), 6 to 4, and
 * these into work(). Compiled by tests, with debugging information here and there.
 */
#include <stdlib.h>

/* See functions.c. */
#define TURNS_LEAST 2000
#define TURNS_MOST 6000
#define PARTS 5

static volatile unsigned long sum;
static unsigned long turns;
static unsigned long long state = 1;

static inline __attribute__((always_inline)) void turn(unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		sum += i;
}

static inline __attribute__((always_inline)) void left(void)
{
	turn(6 * turns);
}

static inline __attribute__((always_inline)) void right(void)
{
	turn(4 * turns);
}

__attribute__((noinline, noclone)) static void work(void)
{
	left();
	right();
}

int main(int argc, char **argv)
{
	const long rounds = argc > 1 ? atol(argv[1]) : 1;

	for (long i = 0; i < rounds * PARTS; i++) {
		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		turns = TURNS_LEAST + (state >> 40) % (TURNS_MOST - TURNS_LEAST + 1);
		work();
	}
	return 0;
}
