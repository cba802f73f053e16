/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "sources/perf/events/alias.h"
#include "sources/perf/fields.h"

/* Types and configs as numbers of the kernel's ABI, not by the names that the code uses too. */
struct expected {
	const char *written;
	uint32_t type;
	uint64_t config;
	const char *name;
};

static void assert_aliases(const struct expected *expected, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct alias alias;

		if (!alias_find(expected[i].written, &alias))
			fail_msg("\"%s\" is not known", expected[i].written);
		if (alias.type != expected[i].type || alias.config != expected[i].config)
			fail_msg("\"%s\" is %u:0x%lx", expected[i].written, alias.type,
			         (unsigned long)alias.config);
		assert_string_equal(alias.name, expected[i].name);
	}
}

static void knows_hardware_events_by_both_names(void **state)
{
	static const struct expected expected[] = {
		{"CPU_CYCLES", 0, 0, "CPU_CYCLES"},
		{"cycles", 0, 0, "CPU_CYCLES"},
		{"cpu-cycles", 0, 0, "CPU_CYCLES"},
		{"INSTRUCTIONS", 0, 1, "INSTRUCTIONS"},
		{"instructions", 0, 1, "INSTRUCTIONS"},
		{"cache-references", 0, 2, "CACHE_REFERENCES"},
		{"cache-misses", 0, 3, "CACHE_MISSES"},
		{"branches", 0, 4, "BRANCH_INSTRUCTIONS"},
		{"branch-instructions", 0, 4, "BRANCH_INSTRUCTIONS"},
		{"branch-misses", 0, 5, "BRANCH_MISSES"},
		{"bus-cycles", 0, 6, "BUS_CYCLES"},
		{"stalled-cycles-frontend", 0, 7, "STALLED_CYCLES_FRONTEND"},
		{"idle-cycles-frontend", 0, 7, "STALLED_CYCLES_FRONTEND"},
		{"stalled-cycles-backend", 0, 8, "STALLED_CYCLES_BACKEND"},
		{"idle-cycles-backend", 0, 8, "STALLED_CYCLES_BACKEND"},
		{"ref-cycles", 0, 9, "REF_CPU_CYCLES"},
		{"REF_CPU_CYCLES", 0, 9, "REF_CPU_CYCLES"},
	};

	assert_aliases(expected, sizeof(expected) / sizeof(expected[0]));
}

static void knows_software_events_by_both_names(void **state)
{
	static const struct expected expected[] = {
		{"cpu-clock", 1, 0, "CPU_CLOCK"},
		{"task-clock", 1, 1, "TASK_CLOCK"},
		{"faults", 1, 2, "PAGE_FAULTS"},
		{"page-faults", 1, 2, "PAGE_FAULTS"},
		{"PAGE_FAULTS", 1, 2, "PAGE_FAULTS"},
		{"cs", 1, 3, "CONTEXT_SWITCHES"},
		{"context-switches", 1, 3, "CONTEXT_SWITCHES"},
		{"migrations", 1, 4, "CPU_MIGRATIONS"},
		{"cpu-migrations", 1, 4, "CPU_MIGRATIONS"},
		{"minor-faults", 1, 5, "PAGE_FAULTS_MIN"},
		{"major-faults", 1, 6, "PAGE_FAULTS_MAJ"},
		{"alignment-faults", 1, 7, "ALIGNMENT_FAULTS"},
		{"emulation-faults", 1, 8, "EMULATION_FAULTS"},
		{"cgroup-switches", 1, 11, "CGROUP_SWITCHES"},
		{"cgroup_switches", 1, 11, "CGROUP_SWITCHES"},
	};

	assert_aliases(expected, sizeof(expected) / sizeof(expected[0]));
}

static void puts_cache_events_together(void **state)
{
	static const struct expected expected[] = {
		{"L1D_READ_ACCESS", 3, 0x0, "L1D_READ_ACCESS"},
		{"L1-dcache-loads", 3, 0x0, "L1D_READ_ACCESS"},
		{"L1-dcache-load-misses", 3, 0x10000, "L1D_READ_MISS"},
		{"L1-dcache-stores", 3, 0x100, "L1D_WRITE_ACCESS"},
		{"l1d-write-miss", 3, 0x10100, "L1D_WRITE_MISS"},
		{"L1-dcache-prefetch-misses", 3, 0x10200, "L1D_PREFETCH_MISS"},
		{"l1-d-speculative-load-misses", 3, 0x10200, "L1D_PREFETCH_MISS"},
		{"L1-icache-load-misses", 3, 0x10001, "L1I_READ_MISS"},
		{"LLC-load-misses", 3, 0x10002, "LL_READ_MISS"},
		{"LLC-misses-load", 3, 0x10002, "LL_READ_MISS"},
		{"LLC-misses", 3, 0x10002, "LL_READ_MISS"},
		{"LLC", 3, 0x2, "LL_READ_ACCESS"},
		{"L2-refs", 3, 0x2, "LL_READ_ACCESS"},
		{"LL_READ_MISS", 3, 0x10002, "LL_READ_MISS"},
		{"ll_prefetch_access", 3, 0x202, "LL_PREFETCH_ACCESS"},
		{"dTLB-loads", 3, 0x3, "DTLB_READ_ACCESS"},
		{"Data-TLB-store-misses", 3, 0x10103, "DTLB_WRITE_MISS"},
		{"iTLB-load-misses", 3, 0x10004, "ITLB_READ_MISS"},
		{"branch-loads", 3, 0x5, "BPU_READ_ACCESS"},
		{"branch-load-misses", 3, 0x10005, "BPU_READ_MISS"},
		{"bpc", 3, 0x5, "BPU_READ_ACCESS"},
		{"node-prefetches", 3, 0x206, "NODE_PREFETCH_ACCESS"},
		{"NODE_WRITE_MISS", 3, 0x10106, "NODE_WRITE_MISS"},
	};

	assert_aliases(expected, sizeof(expected) / sizeof(expected[0]));
}

static void does_not_know_what_is_not_there(void **state)
{
	static const char *const unknown[] = {
		"",
		"cycle",
		"cycles-",
		"LL",
		"LL_READ",
		"LL_MISS",
		"LL_READ_",
		"LL_READ_MISS_",
		"LL-READ-MISS",
		"LLC_loads",
		"LLC-",
		"LLC-x",
		"LLC--miss",
		"LLC-load-store",
		"LLC-miss-miss",
		"L1D_READ_MISS_X",
		"iTLB-stores",
		"L1-icache-stores",
		"-",
		"_",
		"dummy",
		"DUMMY",
		"LLC-load-misses-x",
	};
	struct alias alias;

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		if (alias_find(unknown[i], &alias))
			fail_msg("\"%s\" is taken for %s", unknown[i], alias.name);
	}
}

static void leaves_to_the_kernel_what_it_counts_anyway(void **state)
{
	static const struct {
		const char *name;
		enum event_origin origin;
		uint32_t field;
	} expected[] = {
		{"TASK_CLOCK", EVENT_FROM_KERNEL, FIELD_CPU_TIME},
		{"cpu-clock", EVENT_FROM_KERNEL, FIELD_CPU_TIME},
		{"cs", EVENT_FROM_KERNEL, FIELD_CONTEXT_SWITCHES},
		{"migrations", EVENT_FROM_KERNEL, FIELD_MIGRATIONS},
		{"peak-rss", EVENT_FROM_KERNEL, TASK_PEAK_RSS},
		{"Process_Peak_RSS", EVENT_FROM_KERNEL, TASK_PEAK_RSS},
		{"user_time", EVENT_FROM_KERNEL, TASK_USER_TICKS},
		{"duration_time", EVENT_FROM_KERNEL, FIELD_WALL_TIME},
		{"page-faults", EVENT_FROM_PERF, 0},
		{"cycles", EVENT_FROM_PERF, 0},
		{"LL_READ_MISS", EVENT_FROM_PERF, 0},
	};

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		struct alias alias;

		assert_true(alias_find(expected[i].name, &alias));
		assert_int_equal(alias.origin, expected[i].origin);
		assert_int_equal(alias.field, expected[i].field);
	}
}

static void says_why_perfs_own_events_are_not_ours(void **state)
{
	assert_non_null(alias_refusal("dummy"));
	assert_null(alias_refusal("duration_time"));
	assert_non_null(alias_refusal("BPF-OUTPUT"));
	assert_null(alias_refusal("cycles"));
	assert_null(alias_refusal("nonsense"));
}

struct tally {
	size_t hardware, software, cache, of_process, with_perf_name;
};

static int count_and_look_up(void *data, const struct alias *alias, const char *const *perf_names)
{
	struct tally *tally = data;
	struct alias again;

	assert_true(alias_find(alias->name, &again));
	assert_int_equal(again.type, alias->type);
	assert_int_equal(again.config, alias->config);
	tally->with_perf_name += perf_names[0] != NULL;
	for (; *perf_names; perf_names++) {
		assert_true(alias_find(*perf_names, &again));
		assert_string_equal(again.name, alias->name);
	}
	tally->hardware += alias->type == 0;
	tally->software += alias->type == 1;
	tally->cache += alias->type == 3;
	tally->of_process += alias->type == ALIAS_OF_PROCESS;
	return 0;
}

static void lists_every_event_under_names_that_are_found(void **state)
{
	struct tally tally = {0};

	assert_int_equal(alias_each(count_and_look_up, &tally), 0);
	assert_int_equal(tally.hardware, 10);
	assert_int_equal(tally.software, 10);
	assert_int_equal(tally.cache, 7 * 3 * 2);
	assert_int_equal(tally.of_process, 13);
	/* Four caches have three operations, L1I two, ITLB and BPU one: each with a miss. */
	assert_int_equal(tally.with_perf_name, 10 + 10 + 3 + 2 * (4 * 3 + 2 + 1 + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_hardware_events_by_both_names),
		cmocka_unit_test(knows_software_events_by_both_names),
		cmocka_unit_test(puts_cache_events_together),
		cmocka_unit_test(does_not_know_what_is_not_there),
		cmocka_unit_test(leaves_to_the_kernel_what_it_counts_anyway),
		cmocka_unit_test(says_why_perfs_own_events_are_not_ours),
		cmocka_unit_test(lists_every_event_under_names_that_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
