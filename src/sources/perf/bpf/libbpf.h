/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The programs, loaded by libbpf: on every kernel. For programs.c only. */
#ifndef PERF_LIBBPF_H
#define PERF_LIBBPF_H

#include "sources/perf/bpf/programs.h"

/* Load everything that is needed. Both return 0 or a negative errno; libbpf's messages go to its callback. */
int libbpf_load(const struct programs_request *request, struct programs *programs);

int libbpf_attach(struct programs *programs);

void libbpf_unload(struct programs *programs);

#endif
