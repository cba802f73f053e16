/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps and variables that the programs share. They are defined in maps.bpf.c. */
#ifndef BPF_MAPS_H
#define BPF_MAPS_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/change.h"
#include "bpf/record.h"

/*
 * Accounts by address of the task_struct, which is no other task's until the last switch-out, where
 * the account leaves the map. A thread id would not do: an exec in a thread that is not the leader
 * swaps two of them, and a reaped task's id may be given away before its last switch.
 *
 * Ended accounts that have found the ring full wait in a map like it, or in this one, by a number
 * of their own, which is odd where an address is even.
 */
struct tasks_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct task_record);
};
extern struct tasks_map tasks SEC(".maps");

/* What a reserve looks like; its size is the agent's to choose (since Linux 5.10). */
struct reserve_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct task_record);
};

/*
 * Room for ended accounts when the agent does not come to read for seconds. The one slot is empty
 * until the command has run for a while: a large map takes milliseconds to make.
 */
struct reserves_map {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct reserve_map);
};
extern struct reserves_map reserves SEC(".maps");

struct ring_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 19);
};
extern struct ring_map ring SEC(".maps");

/* Descriptors of the events: counter i of CPU c at c * counters_n + i. */
struct events_map {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
};
extern struct events_map events SEC(".maps");

/* By CPU number; not a per-CPU array, so that the agent can write to one CPU's part alone. */
struct cpus_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cpu_state);
};
extern struct cpus_map cpus SEC(".maps");

/* Changes: of each CPU config.changes_n, from CPU number * config.changes_n on, round and round. */
struct changes_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct change);
};
extern struct changes_map changes SEC(".maps");

/* A part of an environment: rank.h. */
#define RANK_PIECE_SIZE 256
union rank_piece {
	char bytes[RANK_PIECE_SIZE];
	__u64 words[RANK_NAME_WORDS];
};

/*
 * Where a record too large for the stack is put together, by CPU number; where
 * on_exec_again is attached, too, there are two side by side. CPUs that came online later than the
 * programs may be without.
 */
struct scratch {
	union {
		struct exec_record exec;
		struct args_record args;
		struct {
			struct rank_record rank;
			union rank_piece piece;
		};
	};
};
struct scratch_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
};
extern struct scratch_map scratches SEC(".maps");

/*
 * The sum of the addresses of those tasks in the map that belong to a slot. At most switches no
 * task of the tree is involved: this shows it at a tenth of a look-up's cost. While a slot has one
 * task, the sum is its address; the more there are, the more often the map has to be read.
 *
 * It is not 0 for a task in the map. Addresses of tasks are less than 2^56 below 2^64: x86-64 with
 * five levels of page tables has its memory from 0xff11000000000000 on, arm64 from 2^52 below. So
 * the sum cannot come round to 0 with fewer than 275 tasks in one slot, half a million in all, and
 * with more of them only where it hits one number of 2^58 exactly (addresses are multiples of 64).
 */
#define SLOT_BITS 11
extern __u64 slots[1 << SLOT_BITS];

/* Fibonacci hashing: the golden ratio's multiple mixes all bits of the address into the highest. */
static __always_inline __u64 *slot_of(__u64 task)
{
	return &slots[task * 0x9e3779b97f4a7c15ULL >> (64 - SLOT_BITS)];
}

extern const volatile struct run_config config;

/*
 * What of struct run_config most runs do not have. A file that defines PLAIN has the programs of
 * those runs, without the paths that the others need: the verifier would remove them, and takes its
 * time for each instruction that it removes. See run_is_plain() in src/sources/perf/bpf/loading.c.
 */
#ifdef PLAIN
#define RUN_HAS(what) 0
#else
#define RUN_HAS(what) config.what
#endif
extern struct run_state run;

/*
 * Hand a record to the agent; wakes it when it waits for this one (wake is 1) or the ring fills up.
 * The flags are computed, not chosen: each choice is a path of its own for the verifier.
 */
static __always_inline long submit(void *record, __u64 size, __u64 wake)
{
	__u64 available = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	__u64 is_filling = (config.ring_wake - 1 - available) >> 63;

	return bpf_ringbuf_output(&ring, record, size,
	                          BPF_RB_NO_WAKEUP + (wake | run.wake_always | is_filling));
}

static __always_inline void count_loss(__u64 *loss)
{
	__sync_fetch_and_add(loss, 1);
}

#endif
