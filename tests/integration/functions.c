/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * functions ROUNDS: spends its time in functions of known shares. In each part of a round alpha()
 * turns a loop 6 times as often as gamma(), and beta() 3 times, all called by work(); the loops are
 * the same instructions. functions ROUNDS FILE: deletes FILE before that.
 */
#include <stdlib.h>
#include <unistd.h>

/*
 * A part of a round takes some 10 µs: were it half of the time between two samples, these would not
 * be independent of each other.
 */
#define TURNS 400
#define PARTS 50

static volatile unsigned long sum;

#define SPIN(n)                                                                                    \
	for (unsigned long i = 0; i < (n); i++)                                                    \
		sum += i;

__attribute__((noinline, noclone)) static void alpha(void)
{
	SPIN(6 * TURNS)
	sum++;
}

__attribute__((noinline, noclone)) static void beta(void)
{
	SPIN(3 * TURNS)
	sum++;
}

__attribute__((noinline, noclone)) static void gamma_(void)
{
	SPIN(TURNS)
	sum++;
}

/* Nothing is called last: the compiler would make a jump of it. */
__attribute__((noinline, noclone)) static void work(void)
{
	alpha();
	beta();
	gamma_();
	sum++;
}

int main(int argc, char **argv)
{
	const long rounds = argc > 1 ? atol(argv[1]) : 1;

	if (argc > 2)
		unlink(argv[2]);
	for (long i = 0; i < rounds * PARTS; i++)
		work();
	return 0;
}
