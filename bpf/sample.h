/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Samples of a profile, from the program in bpf/profile/ to the agent. Both sides are built from
 * this file at the same time; it is not a stable interface.
 */
#ifndef BPF_SAMPLE_H
#define BPF_SAMPLE_H

#include "bpf/record.h"

/*
 * Frames of one kind in a stack at most: PERF_MAX_STACK_DEPTH of include/uapi/linux/perf_event.h.
 */
#define SAMPLE_FRAMES_MAX 127

/* Space for the stacks, in powers of two: the verifier derives the bounds from a mask. */
#define SAMPLE_ADDRESSES_ROOM 1024
#define SAMPLE_FRAMES_ROOM 4096

/* The contents of a frame in user space: enum bpf_stack_build_id_status. */
enum sample_frame_status {
	SAMPLE_FRAME_EMPTY,
	SAMPLE_FRAME_FILE,    /* build id and offset in the file */
	SAMPLE_FRAME_ADDRESS, /* only the address: no file, or the memory map was locked */
};

/* struct bpf_stack_build_id. */
struct sample_frame {
	__s32 status; /* enum sample_frame_status */
	__u8 build_id[20];
	__u64 place; /* offset or address, by status */
};

/*
 * A sample. Its data are the addresses of the kernel stack, those of the user stack, and the same
 * frames of the user stack as struct sample_frame, each from the innermost to the outermost. A
 * length is 0 if that stack is missing.
 */
struct sample_record {
	__u64 time_ns;
	__u64 weight; /* events, or ns, that the sample represents */
	struct process_id process;
	struct process_id creator; /* of the process, whose program it runs until its first exec */
	__u64 token;               /* of the task: no other one of the run has it */
	__u32 tid;
	__u32 flags;                                     /* enum task_flags of the task */
	__u32 execs;                                     /* by this task */
	__u16 kernel_length, user_length, frames_length; /* bytes */
	__u16 cpu;
	__u16 pad[2];
	char data[2 * SAMPLE_ADDRESSES_ROOM + SAMPLE_FRAMES_ROOM];
};

/* Samples that were lost. */
struct sample_losses {
	__u64 ring_full; /* the ring was full, or locked on this CPU */
};

/* Processes to remember for which the agent has been woken, and files, powers of two. */
#define SAMPLE_KNOWN 1024
#define SAMPLE_KNOWN_FILES 4096

/* Variables of the program; the agent maps them. */
struct sample_state {
	struct sample_losses losses;
	__u64 known[SAMPLE_KNOWN];
	__u64 known_files[SAMPLE_KNOWN_FILES];
};

#endif
