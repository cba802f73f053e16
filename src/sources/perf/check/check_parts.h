/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of the perf source's check, and what they share. */
#ifndef SOURCES_PERF_CHECK_CHECK_PARTS_H
#define SOURCES_PERF_CHECK_CHECK_PARTS_H

#include <stdbool.h>

#include "alumet/check.h"
#include "linux/permission.h"
#include "sources/perf/settings.h"

struct perf_check {
	struct check *check;
	const struct perf_settings *settings;
	bool may_bpf; /* see linux/permission.h */
	bool may_perf;
	char remedy[PERMISSION_REMEDY_SIZE]; /* grants what is missing of both */
	bool is_obstructed;                  /* something keeps the source from working */
};

/* Kernel version, BTF, settings. */
void perf_check_kernel(struct perf_check *perf);
/* User and capabilities. */
void perf_check_privileges(struct perf_check *perf);
/* Whether the ring buffer can be created and the programs attached, by trying it. */
void perf_check_bpf(struct perf_check *perf);
/* PMUs, and which events can be opened. */
void perf_check_events(struct perf_check *perf);

/* Add a finding that keeps the source from working. */
void perf_check_obstacle(struct perf_check *perf, const char *subject, const char *remedy,
                         const char *detail, ...) __attribute__((format(printf, 4, 5)));

#endif
