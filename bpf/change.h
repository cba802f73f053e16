/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A change: the state of an account, noted by a CPU where it has changed since the agent's last
 * sample of the weights. Both sides are built from this file at the same time; it is not a stable
 * interface.
 */
#ifndef BPF_CHANGE_H
#define BPF_CHANGE_H

#include "bpf/record.h"
#include "bpf/share.h"

/*
 * Written by its CPU, and updated at each switch until the next round. The agent reads changes of
 * earlier rounds, which are complete, except for one that a program is writing at that moment: the
 * checksum detects it.
 */
struct change {
	__u64 task; /* the account's key */
	__u64 token;
	__u64 weights[MAX_WEIGHTS]; /* of the account in this CPU's group */
	__u64 round;                /* run.round at that time */
	__u64 check;                /* change_check() */
};

SHARE_INLINE __u64 change_factor(int weight)
{
	return 0xd6e8feb86659fd93ULL + 2 * weight;
}

/*
 * A checksum that only holds if all parts of a change were written together. The factors are odd,
 * so that changing a single part always changes the sum.
 */
SHARE_INLINE __u64 change_check(const struct change *change)
{
	__u64 sum = change->task * 0x9e3779b97f4a7c15ULL + change->token * 0xbf58476d1ce4e5b9ULL +
	            change->round * 0x94d049bb133111ebULL;
	int w;

	for (w = 0; w < MAX_WEIGHTS; w++)
		sum += change->weights[w] * change_factor(w);
	return sum;
}

#endif
