/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lives for tests of the tree: a process that began when its pid says. */
#ifndef TESTS_UNIT_TREE_SUPPORT_H
#define TESTS_UNIT_TREE_SUPPORT_H

#include <stdint.h>
#include <string.h>

#include "alumet/life.h"
#include "tree/tree.h"

enum { CPU, FAULTS, RSS, RUN_WAIT, DISK_WAIT, JOULES, N_FIELDS };

static const struct unit NS = {"ns", "ns"}, BYTES = {"B", "By"};

static const struct life_field FIELDS[N_FIELDS] = {
	[CPU] = {.name = "cpu-time", .unit = &NS},
	[FAULTS] = {.name = "page-faults", .unit = &UNIT_NONE, .requested = true},
	[RSS] = {.name = "peak-rss", .unit = &BYTES, .fold = LIFE_FOLD_MAX},
	[RUN_WAIT] = {.name = "runqueue-wait", .unit = &NS},
	[DISK_WAIT] = {.name = "block-wait", .unit = &NS},
	[JOULES] = {.name = "attributed-energy", .unit = &UNIT_JOULE},
};

/* Without the energy, as on most machines; and with it. */
static const struct life_schema SCHEMA = {.n = JOULES, .fields = FIELDS};
static const struct life_schema SCHEMA_WITH_ENERGY = {.n = N_FIELDS, .fields = FIELDS};

struct process {
	struct life life;
	struct life_value values[N_FIELDS];
};

/* It cost one nanosecond and one page fault, and other values are 0. */
static inline struct process *make(struct process *process, uint32_t pid, uint32_t parent,
                                   const char *comm)
{
	*process = (struct process){
		.life =
			{
				.key = {.pid = pid, .start_ns = pid},
				.parent = {.pid = parent, .start_ns = parent},
				.number = 1,
				.is_root = pid == 1,
				.ended = true,
				.executed = true,
				.begin_ns = pid,
				.end_ns = pid,
				.comm = comm,
				.exe = "",
				.threads = 1,
			},
	};
	for (int i = 0; i < N_FIELDS; i++)
		process->values[i].type = VALUE_U64;
	process->values[CPU].u64 = 1;
	process->values[FAULTS].u64 = 1;
	process->values[JOULES] = (struct life_value){.type = VALUE_F64, .f64 = 0};
	process->life.values = process->values;
	return process;
}

#endif
