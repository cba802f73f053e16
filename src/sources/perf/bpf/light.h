/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Loads the programs with the light skeleton: see light_loader.h. For programs.c only. */
#ifndef SOURCES_PERF_BPF_LIGHT_H
#define SOURCES_PERF_BPF_LIGHT_H

#include "sources/perf/bpf/programs_types.h"

/*
 * Begin to load in a second thread. Of the request only the numbers of CPUs, the size of the ring
 * and the maximum of tasks are used, and must be the same in light_load(). All functions here
 * return 0 or a negative errno, and log nothing.
 */
int light_begin(const struct programs_request *request, struct programs *programs);

/* After light_begin(): let the thread go on, for this request, which light_load() takes as well. */
void light_configure(const struct programs_request *request, struct programs *programs);

/*
 * Load the programs that are needed at the start; programs->demand_fd may be 0 then. programs is
 * zeroed, or that of light_begin(); after an error it is zeroed.
 */
int light_load(const struct programs_request *request, struct programs *programs);

int light_attach(struct programs *programs);

/*
 * Load the program that was deferred. Returns its descriptor, which light_unload() closes, or a
 * negative errno.
 */
int light_load_demand(struct programs *programs);

/* Detach the programs in the background, or leave it to light_unload() if there is only one CPU. */
void light_detach(struct programs *programs);

void light_unload(struct programs *programs);

#endif
