/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * functions ROUNDS: spends its time in functions of known shares. In each part of a round alpha()
 * turns a loop 6 times as often as gamma(), and beta() 3 times, all called by work(); the loops are
 * the same instructions. functions ROUNDS FILE: deletes FILE before that.
 */
#include <stdlib.h>
#include <unistd.h>

/*
 * A part of a round takes some 100 µs, between half of that and one and a half: samples are
 * independent of each other. If all took the same time, and that between two samples were a
 * multiple of it, these would all be of the same moment of a part. A part of 10 µs would be too
 * short: what each call and the end of its loop cost gave alpha() 58 % instead of 60.
 */
#define TURNS_LEAST 2000
#define TURNS_MOST 6000
#define PARTS 5

static volatile unsigned long sum;
static unsigned long turns;

/* A linear congruential generator; its high bits are the irregular ones. */
static void choose_turns(void)
{
	static unsigned long long state = 1;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	turns = TURNS_LEAST + (state >> 40) % (TURNS_MOST - TURNS_LEAST + 1);
}

#define SPIN(n)                                                                                    \
	for (unsigned long i = 0; i < (n); i++)                                                    \
		sum += i;

__attribute__((noinline, noclone)) static void alpha(void)
{
	SPIN(6 * turns)
	sum++;
}

__attribute__((noinline, noclone)) static void beta(void)
{
	SPIN(3 * turns)
	sum++;
}

__attribute__((noinline, noclone)) static void gamma_(void)
{
	SPIN(turns)
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
	for (long i = 0; i < rounds * PARTS; i++) {
		choose_turns();
		work();
	}
	return 0;
}
