/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Loads and attaches BPF programs in parallel. Most of the agent's start-up time is the verifier,
 * which works on one program at a time, but takes no lock for a process with CAP_BPF: a second CPU
 * halves the time. Attaching is serialized for the whole machine, and goes on while other programs
 * are verified.
 */
#ifndef SOURCES_PERF_BPF_PROGRAM_LOADS_H
#define SOURCES_PERF_BPF_PROGRAM_LOADS_H

#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/bpf.h>

#include "linux/side_thread.h"

/* The arguments of a BPF_PROG_LOAD, and its result. */
struct program_load {
	union bpf_attr attr;
	uint32_t size;          /* of the used part of attr */
	const char *tracepoint; /* raw; to attach the program to once it is loaded; NULL: none */
	int fd;                 /* result: the program, owned by the caller, or a negative errno */
	int link_fd;            /* result: the link, or a negative errno; 0: not attached */
};

/* The two threads that load programs, and one that prepares. */
struct program_loads {
	struct program_load *loads;
	size_t n;
	size_t next; /* index of the next program, incremented by both threads */
	bool is_begun;
	void (*prepare)(void);
	sem_t is_prepared, is_given; /* one post each */
	sem_t is_loaded;             /* one post for each program */
	void (*first)(void *data);
	void *data;
	struct side_thread helper, preparer;
};

/*
 * Start a second thread if the calling thread may use more than one CPU. It has the privileges that
 * the calling thread has now, and calls first(data), unless first is NULL. Returns whether there is
 * a second thread. program_loads_prepare() and program_loads_run() must follow in either case.
 */
bool program_loads_begin(struct program_loads *team, void (*first)(void *data), void *data);

/*
 * Call prepare(), which must have returned before anything is attached. It runs in a thread of its
 * own if there is a second CPU, because it mostly sleeps.
 */
void program_loads_prepare(struct program_loads *team, void (*prepare)(void));

/*
 * Load all programs, with the privileges of the calling thread; put the one that takes longest
 * first. The team uses loads until program_loads_end(). Returns 0, or the error of a program that
 * could not be loaded; the others have their descriptors all the same. n may be 0. Some programs
 * may still be being attached.
 */
int program_loads_run(struct program_loads *team, struct program_load *loads, size_t n);

/*
 * Wait until the programs that are to be attached are attached. A failure is no error here: link_fd
 * shows it. Ends the second thread. Takes a team that has ended, or a zeroed one.
 */
void program_loads_end(struct program_loads *team);

/* Load one. Returns 0 or a negative errno. */
int program_load_one(struct program_load *load);

#endif
