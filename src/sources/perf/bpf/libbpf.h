/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Loads the programs with libbpf, which works on every kernel. For programs.c only. */
#ifndef SOURCES_PERF_BPF_LIBBPF_H
#define SOURCES_PERF_BPF_LIBBPF_H

#include "sources/perf/bpf/programs_types.h"

/*
 * Load all programs that are needed. Both functions return 0 or a negative errno; libbpf's messages
 * go to its callback.
 */
int libbpf_load(const struct programs_request *request, struct programs *programs);

int libbpf_attach(struct programs *programs);

void libbpf_unload(struct programs *programs);

#endif
