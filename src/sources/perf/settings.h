/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* [plugins.perf] of the configuration. */
#ifndef SOURCES_PERF_SETTINGS_H
#define SOURCES_PERF_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "alumet/setting.h"

enum perf_values { VALUES_CUMULATIVE, VALUES_DELTA };

/* Whether ranks of a parallel job are told apart; automatically: below a launcher of one. */
enum perf_ranks { RANKS_AUTO, RANKS_ON, RANKS_OFF };

struct perf_settings {
	uint64_t poll_interval_ns;
	uint64_t flush_interval_ns;
	struct setting_list events;
	struct setting_list hardware_events;
	struct setting_list software_events;
	struct setting_list cache_events;
	int values; /* enum perf_values */
	int naming; /* enum event_naming */
	bool process_info;
	bool process_exit;
	bool process_ids;
	bool per_pmu;
	bool multiplexing_auto_scale;
	uint64_t max_tasks; /* 0: by the kernel's abilities */
	uint64_t ring_size; /* bytes; 0: the default */
	int ranks;          /* enum perf_ranks */
	struct setting_list rank_variables;
	char *profile;      /* what samples are taken by; "" or NULL: none are */
};

extern const struct setting perf_setting_table[];

#endif
