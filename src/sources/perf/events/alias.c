/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/alias.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sources/perf/events/alias_cache.h"
#include "sources/perf/fields.h"

#define N_PERF_NAMES 2

/* A generic hardware or software event; the names of perf stat are those of `perf list`. */
struct symbol {
	const char *name;
	const char *perf_names[N_PERF_NAMES + 1]; /* ended by NULL */
	enum event_origin origin;
	uint32_t field;
};

static const struct symbol hardware[] = {
	[PERF_COUNT_HW_CPU_CYCLES] = {"CPU_CYCLES", {"cpu-cycles", "cycles"}},
	[PERF_COUNT_HW_INSTRUCTIONS] = {"INSTRUCTIONS", {"instructions"}},
	[PERF_COUNT_HW_CACHE_REFERENCES] = {"CACHE_REFERENCES", {"cache-references"}},
	[PERF_COUNT_HW_CACHE_MISSES] = {"CACHE_MISSES", {"cache-misses"}},
	[PERF_COUNT_HW_BRANCH_INSTRUCTIONS] = {"BRANCH_INSTRUCTIONS",
                                               {"branch-instructions", "branches"}},
	[PERF_COUNT_HW_BRANCH_MISSES] = {"BRANCH_MISSES", {"branch-misses"}},
	[PERF_COUNT_HW_BUS_CYCLES] = {"BUS_CYCLES", {"bus-cycles"}},
	[PERF_COUNT_HW_STALLED_CYCLES_FRONTEND] = {"STALLED_CYCLES_FRONTEND",
                                                   {"stalled-cycles-frontend",
                                                    "idle-cycles-frontend"}},
	[PERF_COUNT_HW_STALLED_CYCLES_BACKEND] = {"STALLED_CYCLES_BACKEND",
                                                  {"stalled-cycles-backend",
                                                   "idle-cycles-backend"}},
	[PERF_COUNT_HW_REF_CPU_CYCLES] = {"REF_CPU_CYCLES", {"ref-cycles"}},
};

/* The gaps are DUMMY and BPF_OUTPUT, which count nothing. */
static const struct symbol software[] = {
	[PERF_COUNT_SW_CPU_CLOCK] = {"CPU_CLOCK", {"cpu-clock"}, EVENT_FROM_KERNEL, FIELD_CPU_TIME},
	[PERF_COUNT_SW_TASK_CLOCK] = {"TASK_CLOCK",
                                      {"task-clock"},
                                      EVENT_FROM_KERNEL,
                                      FIELD_CPU_TIME},
	[PERF_COUNT_SW_PAGE_FAULTS] = {"PAGE_FAULTS", {"page-faults", "faults"}},
	[PERF_COUNT_SW_CONTEXT_SWITCHES] = {"CONTEXT_SWITCHES",
                                            {"context-switches", "cs"},
                                            EVENT_FROM_KERNEL,
                                            FIELD_CONTEXT_SWITCHES},
	[PERF_COUNT_SW_CPU_MIGRATIONS] = {"CPU_MIGRATIONS",
                                          {"cpu-migrations", "migrations"},
                                          EVENT_FROM_KERNEL,
                                          FIELD_MIGRATIONS},
	[PERF_COUNT_SW_PAGE_FAULTS_MIN] = {"PAGE_FAULTS_MIN", {"minor-faults"}},
	[PERF_COUNT_SW_PAGE_FAULTS_MAJ] = {"PAGE_FAULTS_MAJ", {"major-faults"}},
	[PERF_COUNT_SW_ALIGNMENT_FAULTS] = {"ALIGNMENT_FAULTS", {"alignment-faults"}},
	[PERF_COUNT_SW_EMULATION_FAULTS] = {"EMULATION_FAULTS", {"emulation-faults"}},
	[PERF_COUNT_SW_CGROUP_SWITCHES] = {"CGROUP_SWITCHES", {"cgroup-switches"}},
};

/* The tables of symbols, where a symbol's index is its config. */
static const struct table {
	uint32_t type;
	const struct symbol *symbols;
	size_t n;
} tables[] = {
	{PERF_TYPE_HARDWARE, hardware, sizeof(hardware) / sizeof(hardware[0])},
	{PERF_TYPE_SOFTWARE, software, sizeof(software) / sizeof(software[0])},
};

#define N_TABLES (sizeof(tables) / sizeof(tables[0]))

static void from_symbol(const struct table *table, size_t index, struct alias *alias)
{
	*alias = (struct alias){
		.type = table->type,
		.config = index,
		.origin = table->symbols[index].origin,
		.field = table->symbols[index].field,
	};
	snprintf(alias->name, sizeof(alias->name), "%s", table->symbols[index].name);
}

static void from_cache(uint64_t config, struct alias *alias)
{
	*alias = (struct alias){
		.type = PERF_TYPE_HW_CACHE,
		.config = config,
		.origin = EVENT_FROM_PERF,
	};
	cache_name(config, alias->name);
}

static void from_field(uint32_t field, struct alias *alias)
{
	*alias = (struct alias){
		.type = ALIAS_OF_PROCESS,
		.origin = EVENT_FROM_KERNEL,
		.field = field,
	};
	snprintf(alias->name, sizeof(alias->name), "%s", process_fields[field].name);
}

static bool is_symbol(const struct symbol *symbol, const char *name)
{
	if (!symbol->name)
		return false;
	if (strcasecmp(name, symbol->name) == 0)
		return true;
	for (const char *const *perf = symbol->perf_names; *perf; perf++) {
		if (strcasecmp(name, *perf) == 0)
			return true;
	}
	return false;
}

static bool find_symbol(const char *name, struct alias *alias)
{
	for (size_t t = 0; t < N_TABLES; t++) {
		for (size_t i = 0; i < tables[t].n; i++) {
			if (is_symbol(&tables[t].symbols[i], name)) {
				from_symbol(&tables[t], i, alias);
				return true;
			}
		}
	}
	return false;
}

bool alias_find(const char *name, struct alias *alias)
{
	uint64_t config;
	uint32_t field;

	/* Before the caches: "branches" is also perf's name for a cache, but means the symbol. */
	if (find_symbol(name, alias))
		return true;
	if (field_find(name, &field)) {
		from_field(field, alias);
		return true;
	}
	if (!cache_find(name, &config))
		return false;
	from_cache(config, alias);
	return true;
}

const char *alias_refusal(const char *name)
{
	static const struct {
		const char *name, *why;
	} refusals[] = {
		{"dummy", "counts nothing: perf has it to receive side-band records"},
		{"bpf-output",
	         "counts nothing: it is a channel that BPF programs write records to"},
	};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (strcasecmp(name, refusals[i].name) == 0)
			return refusals[i].why;
	}
	return NULL;
}

static int each_symbol(const struct table *table, alias_visitor *visit, void *data)
{
	struct alias alias;
	int stop = 0;

	for (size_t i = 0; i < table->n && !stop; i++) {
		if (!table->symbols[i].name)
			continue;
		from_symbol(table, i, &alias);
		stop = visit(data, &alias, table->symbols[i].perf_names);
	}
	return stop;
}

int alias_each(alias_visitor *visit, void *data)
{
	struct alias alias;
	uint64_t config;
	int stop = 0;

	for (size_t t = 0; t < N_TABLES && !stop; t++)
		stop = each_symbol(&tables[t], visit, data);
	for (uint32_t i = 0; i < FIELDS_N && !stop; i++) {
		const char *const perf_names[] = {process_fields[i].perf_name, NULL};

		if (!process_fields[i].name)
			continue;
		from_field(i, &alias);
		stop = visit(data, &alias, perf_names);
	}
	for (size_t i = 0; !stop && cache_at(i, &config); i++) {
		char perf_name[CACHE_PERF_NAME_SIZE];
		const char *perf_names[] = {perf_name, NULL};

		from_cache(config, &alias);
		if (!cache_perf_name(config, perf_name))
			perf_names[0] = NULL;
		stop = visit(data, &alias, perf_names);
	}
	return stop;
}
