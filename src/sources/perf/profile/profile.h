/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A profile: where inside the processes of the tree the time goes. Samples are folded as they come;
 * at the run's end their frames get names, and become points:
 *
 *	profile_frame    a frame; the value is its number, the attribute parent that of its caller
 *	profile_samples  of a process: how many samples were taken with this stack; the attribute
 *	                 stack is the number of the innermost frame
 */
#ifndef SOURCES_PERF_PROFILE_PROFILE_H
#define SOURCES_PERF_PROFILE_PROFILE_H

#include <stdint.h>

#include "alumet/source.h"
#include "linux/cpu_list.h"
#include "sources/perf/processes.h"

struct profile;

/*
 * Load the program that takes samples. text: the argument of --profile=, "" for the default;
 * tasks_fd: the map of accounts. Returns 0 or a negative errno, logged.
 */
int profile_open(const char *text, int tasks_fd, uint32_t cpus_n, const struct cpu_list *online,
                 const struct source_context *context, struct profile **profile);
void profile_free(struct profile *profile);

/* Begin to take samples. */
void profile_start(struct profile *profile);

/* A descriptor for epoll, readable when there are samples. */
int profile_fd(const struct profile *profile);

/* Take all samples in the ring. Returns 0 or a negative errno. */
int profile_drain(struct profile *profile);

/* After CPUs came online. profile_refresh() returns 0 or a negative errno, logged. */
void profile_forget_cpu(struct profile *profile, uint32_t cpu);
int profile_refresh(struct profile *profile, const struct cpu_list *online);

/*
 * A process has ended, or is alive at the end of the run: keep the name for its rows. Returns 0 or
 * -ENOMEM.
 */
int profile_ended(struct profile *profile, const struct process *process);

/* Stop taking samples, and push those that were taken as points. Returns 0 or a negative errno. */
int profile_finish(struct profile *profile);

/* Report lost samples, and why stacks are incomplete. */
void profile_report(const struct profile *profile,
                    void (*say)(void *data, enum report_kind kind, const char *line), void *data);

#endif
