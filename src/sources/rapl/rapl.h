/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The RAPL source: energy of packages, cores, graphics, memory and machine. See docs/rapl.md. */
#ifndef SOURCES_RAPL_RAPL_H
#define SOURCES_RAPL_RAPL_H

#include <stdbool.h>
#include <stdint.h>

#include "alumet/plugin.h"

/* [plugins.rapl] */
struct rapl_settings {
	uint64_t poll_interval_ns; /* of the rows; 0: only one at the end */
	uint64_t flush_interval_ns;
	bool no_perf_events;
	int backend; /* enum rapl_backend_setting */
	char *sysroot;
	bool per_die;
	bool emit_totals;
};

extern const struct setting rapl_settings_table[];

/* Add a finding on whether the CPU adds noise to its energy counters. */
struct rapl_machine;
void rapl_check_filtering(struct check *check, const struct rapl_machine *machine);

/* See struct plugin. */
enum check_result rapl_check(const void *settings, struct check *check);

extern const struct source_ops rapl_source;
extern const struct plugin rapl_plugin;

#endif
