/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What both loaders of the programs (light.h, libbpf.h) need to know of the kernel and of the run. */
#ifndef PERF_LOADING_H
#define PERF_LOADING_H

#include <stdbool.h>
#include <stdint.h>

#include "sources/perf/bpf/programs.h"

/* A version as a number that is larger for a later one. */
#define LINUX_VERSION(major, minor) (((unsigned int)(major) << 16) | ((unsigned int)(minor) << 8))

/* Of the running kernel; 0 when it cannot be told. */
unsigned int kernel_version(void);

/*
 * bpf_map_update_elem() may allocate in the scheduler's path since the BPF memory allocator of
 * Linux 6.1 (commit 7c8199e24fa0); before, every entry must exist from the start. So it must with
 * PREEMPT_RT: there the allocator's few free elements are made good by a thread (irq_work_raise() in
 * kernel/bpf/memalloc.c), and tasks that are created before it has its turn would be refused with
 * -ENOMEM: 62 to 117 of 1000 forks on Linux 7.2.
 */
bool maps_allocate_on_demand(void);

/* Programs of raw tracepoints may be preempted: see bpf/exec.bpf.c. */
bool programs_are_preemptible(void);

/* Whether there is what a light skeleton needs. The system calls came with 5.17; tested from 6.1 on. */
bool kernel_has_light_skeleton(void);

/*
 * Some programs are there in two kinds, because the verifier's time goes with their length: for agents in
 * the initial pid namespace or in another, for runs with weights or without, for users who may observe
 * every program or not. One more is of use only where programs can be preempted.
 */
bool program_is_needed(const struct run_config *config, const char *program);

/* What of the programs' constants both loaders set alike: all but direct. */
struct run_config loading_config(const struct programs_request *request);

/* Entries of the map of scratches: one for each CPU and program at an exec. */
uint32_t loading_scratches(const struct programs_request *request);

/* Entries of the map of events; a map has one at least. */
uint32_t loading_events(const struct programs_request *request);

#endif
