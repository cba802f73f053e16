/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What both loaders of a watch's programs (adoption_programs.h) need to know about the run. */
#ifndef SOURCES_PERF_BPF_ADOPTION_LOADING_H
#define SOURCES_PERF_BPF_ADOPTION_LOADING_H

#include <stdbool.h>
#include <stdint.h>

#include "alumet/watch.h"
#include "sources/perf/bpf/programs_types.h"

/* The configuration that both loaders set alike: all but direct. */
struct run_config adoption_config(const struct programs_request *request,
                                  const struct watch *watch);

/* Whether the watch needs the program. */
bool adoption_needs(const struct run_config *config, const char *program);

/* Sizes of the maps, which have one entry at least. */
uint32_t adoption_roots(const struct watch *watch);
uint32_t adoption_cgroup_roots(const struct watch *watch);
uint32_t adoption_adoptees(const struct programs_request *request);

#endif
