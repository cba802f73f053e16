/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The BPF program that takes samples of the tree, and its event on each CPU. libbpf loads it on
 * every kernel: without kernel types to relocate, that takes a fraction of a millisecond.
 */
#ifndef SOURCES_PERF_PROFILE_SAMPLER_H
#define SOURCES_PERF_PROFILE_SAMPLER_H

#include <linux/perf_event.h>
#include <stdint.h>

#include "bpf/sample.h"
#include "linux/cpu_list.h"

struct sampler;

/* The event that triggers samples. */
struct sample_event {
	char *name;                  /* for the user: "cycles", "cpu-clock" */
	struct perf_event_attr attr; /* sample_freq or sample_period is set */
	const char *weight_unit;     /* of a sample's weight: "ns", or "" for events */
};

/*
 * Load the program. tasks_fd: the map of accounts; cpus_n: the highest possible CPU number + 1;
 * online: CPUs that the ring is made for, with room for as many again; event outlives the sampler.
 * Returns 0 or a negative errno, logged.
 */
int sampler_new(const struct sample_event *event, int tasks_fd, uint32_t cpus_n,
                const struct cpu_list *online, struct sampler **sampler);
void sampler_free(struct sampler *sampler);

/*
 * Open the event on those CPUs that have none yet; sampler_enable() enables it. Returns 0 or a
 * negative errno, logged the first time.
 */
int sampler_open(struct sampler *sampler, const struct cpu_list *online);

/* A CPU came online: forget its old event, which is dead. */
void sampler_forget(struct sampler *sampler, uint32_t cpu);

/* Begin, or stop, taking samples. */
void sampler_enable(struct sampler *sampler);
void sampler_disable(struct sampler *sampler);

/* A descriptor for epoll, readable when the ring has samples. */
int sampler_fd(const struct sampler *sampler);

/* Call take for each sample in the ring. Returns 0, or the negative errno of take. */
int sampler_drain(struct sampler *sampler,
                  int (*take)(void *data, const struct sample_record *record), void *data);

struct sample_losses sampler_losses(const struct sampler *sampler);

#endif
