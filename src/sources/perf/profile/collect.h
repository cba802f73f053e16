/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Adds samples from the kernel to stacks of frames, and to processes. */
#ifndef SOURCES_PERF_PROFILE_COLLECT_H
#define SOURCES_PERF_PROFILE_COLLECT_H

#include "bpf/sample.h"
#include "sources/perf/processes.h"
#include "sources/perf/profile/images.h"
#include "sources/perf/profile/pricing.h"
#include "sources/perf/profile/stacks.h"

/* A process that has samples. */
struct sampled {
	UT_hash_handle hh;
	struct process_id id;
	uint32_t index; /* its number in stacks */
	uint32_t image; /* the image that it runs */
	uint32_t execs; /* of the task whose exec was seen last */
	uint64_t token; /* that task's */
	uint32_t life;  /* number of its life; 0: not known yet */
	char comm[COMM_SIZE];
	char rank[RANK_SIZE]; /* at its end; "": none */
};

struct collection {
	struct stacks stacks;
	struct pricing pricing; /* initialised by the caller, if there is a price */
	struct images images;
	struct sampled *by_id;
	struct sampled **processes; /* by number */
	size_t n_processes, capacity;
	uint64_t samples;
	/*
	 * Frames in user space: with a build id from the kernel, found by address, and not known
	 * yet.
	 */
	uint64_t frames_by_build_id, frames_found, frames_lost;
};

/* root: "/", except in tests. Returns 0 or -ENOMEM. */
int collection_init(struct collection *collection, const char *root);
void collection_fini(struct collection *collection);

/* Add a sample. Returns 0, or -ENOMEM if there is no memory for its process. */
int collection_add(struct collection *collection, const struct sample_record *record);

/* The process if it has samples, else NULL. */
struct sampled *collection_find(const struct collection *collection, const struct process_id *id);

#endif
