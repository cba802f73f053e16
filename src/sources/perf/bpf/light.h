/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The programs, loaded by the light skeleton: see light_loader.h. For programs.c only. */
#ifndef PERF_LIGHT_H
#define PERF_LIGHT_H

#include "sources/perf/bpf/programs.h"

/*
 * Load what is needed at the start; programs->demand_fd may be 0 then. Everything returns 0 or a negative
 * errno, and tells the user nothing.
 */
int light_load(const struct programs_request *request, struct programs *programs);

int light_attach(struct programs *programs);

/* Load what waits. Returns its descriptor, which light_unload() closes, or a negative errno. */
int light_load_demand(struct programs *programs);

void light_unload(struct programs *programs);

#endif
