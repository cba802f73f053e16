/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The BPF programs and maps in the kernel: loading, attaching, descriptors. The same object has two
 * loaders, and only programs.c knows which one was used: the light skeleton, whose relocations are
 * done by the kernel (a quarter of the start-up time, Linux 6.1 and newer, light_loader.h), and
 * libbpf, which works everywhere and explains errors.
 */
#ifndef SOURCES_PERF_BPF_PROGRAMS_H
#define SOURCES_PERF_BPF_PROGRAMS_H

#include <stdint.h>

#include "sources/perf/bpf/programs_types.h"

/*
 * The highest CPU number + 1 that has room: twice that of the CPUs that are online, 8 at least. In
 * virtual machines many more may be possible than ever come. online: theirs; possible: cpus_n.
 */
uint32_t programs_cpus_expected(uint32_t online, uint32_t possible);

/* The default size of the ring, by the number of CPUs that write to it. */
uint32_t programs_ring_bytes(uint32_t cpus_n);

/*
 * Begin to load the programs in the background, while it is not known yet what they are to count.
 * Of the request, only the numbers of CPUs, the size of the ring and the maximum of tasks are used;
 * it is not a watch's. A failure shows in programs_load(), which takes the same programs.
 */
void programs_begin(const struct programs_request *request, struct programs *programs);

/* Optional, after programs_begin(): go on in the background, with what programs_load() will get. */
void programs_configure(const struct programs_request *request, struct programs *programs);

/*
 * Load the programs; programs is zeroed, or begun. Returns 0, or a negative errno (-EPERM, -ENOENT
 * …) after logging which capability, kernel option or setting is missing, and how to fix it.
 */
int programs_load(const struct programs_request *request, struct programs *programs);

/* Attach the programs to their tracepoints. Returns 0 or a negative errno, logged. */
int programs_attach(struct programs *programs);

/*
 * Whether it is time for programs_add_reserve(). on_demand: maps_allocate_on_demand(); ran_ns: for
 * how long the command has run; records_n: that have come.
 */
bool programs_need_reserve(bool on_demand, uint64_t ran_ns, uint64_t records_n);

/*
 * Add a large map, programs->reserve_fd, where ended accounts wait if the ring is full. To be
 * called while the command runs, because it takes milliseconds. Returns 0 or a negative errno.
 */
int programs_add_reserve(struct programs *programs);

/*
 * The descriptor of the program that the agent runs at a poll; the first call loads it. Privileges
 * must be raised. Returns the descriptor, which the caller must not close, or a negative errno,
 * logged the first time.
 */
int programs_demand_fd(struct programs *programs);

/*
 * Begin to detach the programs, after the last account was read: each takes a tenth of a
 * millisecond, in which the files are finished. Call this once.
 */
void programs_detach(struct programs *programs);

/* Unload the programs by closing all descriptors: nothing is pinned. Takes a zeroed struct, too. */
void programs_unload(struct programs *programs);

#endif
