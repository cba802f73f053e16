/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which rank of a parallel job a process is: the launcher's variable, looked for in the
 * environment that the process has just been given. Nothing else of the environment leaves this
 * program.
 */
#ifndef BPF_RANK_H
#define BPF_RANK_H

#include "maps.h"
#include "read.h"

#include <bpf/bpf_core_read.h>

/*
 * Strings are read one after the other, long ones in several pieces. bpf_loop() does so for as
 * many as an environment can have; without it the verifier follows each piece by itself, which
 * takes it longer the more there are: 150 ms for 1024.
 */
#define RANK_PIECES_MAX (SINCE_6_1 ? 1 << 16 : 256)

/* 1 if the number is not 0, without a branch, which the verifier would follow twice. */
static __always_inline __u32 is_set(__u64 number)
{
	__u64 sign = (number | -number) >> 63;

	asm volatile("" : "+r"(sign));
	return sign;
}

/* Which of the names the string begins with; RANK_NAMES_MAX: none. */
static __always_inline __u32 rank_name_of(const union rank_piece *piece)
{
	__u32 found = RANK_NAMES_MAX;

#pragma clang loop unroll(full)
	for (int i = RANK_NAMES_MAX - 1; i >= 0; i--) {
		__u64 difference = 0;

		if ((__u32)i >= config.ranks_n)
			continue;
#pragma clang loop unroll(full)
		for (int word = 0; word < RANK_NAME_WORDS; word++)
			difference |= (piece->words[word] & config.ranks[i].masks[word]) ^
				      config.ranks[i].words[word];
		found = i + (found - i) * is_set(difference);
	}
	return found;
}

/* Where the search is; scratch->rank has the best that was found. */
struct rank_search {
	struct scratch *scratch;
	const char *at, *end;
	__u32 is_continued; /* RANK_NAMES_MAX: in the middle of a string, which has no name */
	__u32 is_done;
};

/*
 * One piece. Returns 1 when it was the last one. record->name is in memory, of which the verifier
 * knows nothing: states that differ in it alone are one.
 */
static __always_inline long search_piece(struct rank_search *search)
{
	struct rank_record *record = &search->scratch->rank;
	union rank_piece *piece = &search->scratch->piece;
	__u32 name;
	long n = 0;

	if (search->at < search->end)
		n = bpf_probe_read_user_str(piece->bytes, sizeof(piece->bytes), search->at);
	if (n <= 0) { /* or the process has unmapped it, or it is not in memory */
		search->is_done = 1;
		return 1;
	}
	name = rank_name_of(piece) | search->is_continued;
	if (name < record->name) {
		record->name = name;
		bpf_probe_read_kernel_str(record->text, sizeof(record->text), piece->bytes);
	}
	/*
	 * With as many bytes as there is room for, the last one is a NUL that is not the
	 * string's.
	 */
	search->is_continued = RANK_NAMES_MAX * (1 - is_set(n ^ RANK_PIECE_SIZE));
	search->at += n - search->is_continued / RANK_NAMES_MAX;
	return 0;
}

#if SINCE_6_1
static long search_next(__u32 index, void *search)
{
	return search_piece(search);
}
#endif

/* Returns false when the environment has more pieces than are read. */
static __always_inline bool find_rank(struct scratch *scratch, struct mm_struct *mm)
{
	struct rank_search search = {
		.scratch = scratch,
		.at = (const char *)BPF_CORE_READ(mm, env_start),
		.end = (const char *)BPF_CORE_READ(mm, env_end),
	};

	scratch->rank.name = RANK_NAMES_MAX;
#if SINCE_6_1
	bpf_loop(RANK_PIECES_MAX, search_next, &search, 0);
#else
#pragma clang loop unroll(disable)
	for (int i = 0; i < RANK_PIECES_MAX; i++) {
		if (search_piece(&search))
			break;
	}
#endif
	return search.is_done;
}

static __always_inline void send_rank(struct scratch *scratch, struct task_struct *task,
                                      struct task_record *account)
{
	struct rank_record *record = &scratch->rank;

	if (config.restricted && account->flags & TASK_HIDDEN)
		return;
	if (!find_rank(scratch, BPF_CORE_READ(task, mm)))
		count_loss(&run.losses.ranks);
	if (record->name == RANK_NAMES_MAX)
		return;
	record->header.type = RECORD_RANK;
	record->header.size = sizeof(*record);
	record->header.time_ns = bpf_ktime_get_ns();
	record->process = account->process;
	record->parent = account->parent;
	__builtin_memcpy(record->birth_comm, account->birth_comm, sizeof(record->birth_comm));
	record->is_root = account->process.start_ns == run.root.start_ns;
	if (submit(record, sizeof(*record), 0))
		count_loss(&run.losses.ranks);
}

#endif
