/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * inlined ROUNDS: its time goes into turn(), which is inlined into left() and right(), 6 to 4, and
 * these into work(). Compiled by tests, with debugging information here and there.
 */
#include <stdlib.h>

/* See functions.c. */
#define TURNS 400
#define PARTS 50

static volatile unsigned long sum;

static inline __attribute__((always_inline)) void turn(unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		sum += i;
}

static inline __attribute__((always_inline)) void left(void)
{
	turn(6 * TURNS);
}

static inline __attribute__((always_inline)) void right(void)
{
	turn(4 * TURNS);
}

__attribute__((noinline, noclone)) static void work(void)
{
	left();
	right();
}

int main(int argc, char **argv)
{
	const long rounds = argc > 1 ? atol(argv[1]) : 1;

	for (long i = 0; i < rounds * PARTS; i++)
		work();
	return 0;
}
