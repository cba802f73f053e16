/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The object of bpf/watch/ in the kernel. As for programs.h, there are two loaders for it, and only
 * adoption.c knows which one was used.
 */
#ifndef SOURCES_PERF_BPF_ADOPTION_PROGRAMS_H
#define SOURCES_PERF_BPF_ADOPTION_PROGRAMS_H

#include <stdbool.h>

#include "alumet/watch.h"
#include "sources/perf/bpf/programs.h"

struct adoption_programs {
	void *skeleton; /* of either loader; NULL: not loaded */
	bool is_light;
	int roots_fd, cgroup_roots_fd;
	int iterator_fd; /* the attached link of the task iterator */
};

/*
 * Load the programs, sharing the maps of the programs for the same request. Both return 0 or a
 * negative errno, and log nothing.
 */
int adoption_load_light(const struct programs_request *request, const struct programs *programs,
                        const struct watch *watch, struct adoption_programs *adoption);
int adoption_load_libbpf(const struct programs_request *request, const struct programs *programs,
                         const struct watch *watch, struct adoption_programs *adoption);

int adoption_attach_light(struct adoption_programs *adoption);
int adoption_attach_libbpf(struct adoption_programs *adoption);

void adoption_unload_light(struct adoption_programs *adoption);
void adoption_unload_libbpf(struct adoption_programs *adoption);

#endif
