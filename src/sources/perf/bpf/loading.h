/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What both loaders (light.h, libbpf.h) need to know about the kernel and the run. */
#ifndef SOURCES_PERF_BPF_LOADING_H
#define SOURCES_PERF_BPF_LOADING_H

#include <stdbool.h>
#include <stdint.h>

#include "sources/perf/bpf/programs_types.h"

/* A version as a number; later versions are larger. */
#define LINUX_VERSION(major, minor) (((unsigned int)(major) << 16) | ((unsigned int)(minor) << 8))

/* The version of the running kernel, or 0 if it is unknown. */
unsigned int kernel_version(void);

/*
 * Whether maps may allocate entries on demand. Since Linux 6.1, with the BPF memory allocator
 * (commit 7c8199e24fa0), bpf_map_update_elem() may allocate in the scheduler's path; before, every
 * entry must be preallocated. The same holds for PREEMPT_RT: there, a thread refills the
 * allocator's few free elements (irq_work_raise() in kernel/bpf/memalloc.c), and tasks that are
 * created before it runs would get -ENOMEM: 62 to 117 of 1000 forks on Linux 7.2.
 */
bool maps_allocate_on_demand(void);

/*
 * Whether the kernel has what a light skeleton needs. The system calls came with 5.17; tested from
 * 6.1 on.
 */
bool kernel_has_light_skeleton(void);

/*
 * Whether this is one of the most common runs, which have programs of their own, compiled with
 * RUN_HAS() of bpf/maps.h as 0.
 */
bool run_is_plain(const struct run_config *config);

/*
 * Whether the run needs the program. Some programs have several variants, because the time of the
 * verifier grows with their length: for plain and other runs, for agents in the initial or another
 * pid namespace, with or without weights, and for users who may or may not observe every program.
 * One is only needed if programs can be preempted.
 */
bool program_is_needed(const struct run_config *config, const char *program);

/*
 * Whether on_newtask, run with a context of 0, notes the agent, so that on_arm need not be loaded.
 */
bool newtask_arms(const struct run_config *config);

/*
 * Call this before the first program is attached, with raised privileges. Otherwise attaching waits
 * 8 to 16 ms for an RCU grace period if the tracepoint has just lost its last user.
 */
void loading_prepare_attaching(void);

/* The configuration that both loaders set alike: all but direct. */
struct run_config loading_config(const struct programs_request *request);

/* Size of the map of scratches: one entry for each CPU and exec program. */
uint32_t loading_scratches(const struct programs_request *request);

/* Size of the map of changes. */
uint32_t loading_changes(const struct programs_request *request);

/* Size of the map of events, one entry at least. */
uint32_t loading_events(const struct programs_request *request);

#endif
