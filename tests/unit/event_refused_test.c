/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What cannot be counted, what is said then, and what is counted instead by default. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/event_played.h"

static void refuses_what_counts_for_several_cpus(void **state)
{
	refused("power/energy-pkg/", NULL, -EOPNOTSUPP, "the plugin rapl measures energy");
	machine_pmu(&machine, "uncore_imc_0", "type", "30\n");
	machine_pmu(&machine, "uncore_imc_0", "cpumask", "0,4\n");
	refused("uncore_imc/event=1/", NULL, -EOPNOTSUPP, "belong to no process");
}

static void names_what_was_probably_meant(void **state)
{
	refused("cylces", NULL, -EINVAL, "did you mean cycles?");
	refused("LL_READ_MIS", NULL, -EINVAL, "did you mean LL_READ_MISS?");
	refused("mem-laods", NULL, -EINVAL, "did you mean mem-loads?");
	refused("mrs/tsc/", NULL, -ENOENT, "did you mean msr?");
	refused("msr/tcs/", NULL, -EINVAL, "did you mean tsc?");
	refused("cycles:x", NULL, -EINVAL, "is not a modifier");
	refused("bpf-output", NULL, -EINVAL, "counts nothing");
	refused("peak-rss:u", NULL, -EINVAL, "leave the modifier out");
	refused("rxyz", NULL, -EINVAL, "not known");
	refused("r11112222333344445", NULL, -EINVAL, "not known");
}

/* Whatever it is called: by perf, by libpfm4, by PAPI. */
static void energy_is_the_plugin_rapls(void **state)
{
	static const char *const names[] = {
		"energy-pkg",
		"energy-ram",
		"energy-psys",
		"RAPL_ENERGY_PKG",
		"rapl::RAPL_ENERGY_PKG",
		"rapl:::PACKAGE_ENERGY:PACKAGE0",
		"energy",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		refused(names[i], NULL, -EINVAL, "the plugin rapl measures it");
}

/* The same on a machine that has no such PMU. */
static void energy_of_no_pmu_is_the_plugin_rapls(void **state)
{
	char path[256], away[256];

	snprintf(path, sizeof(path), "%s/sys/bus/event_source/devices/power", machine.root);
	snprintf(away, sizeof(away), "%s/power", machine.root);
	assert_int_equal(rename(path, away), 0);
	refused("power/energy-pkg/", NULL, -ENOENT, "the plugin rapl measures it");
	assert_int_equal(rename(away, path), 0);
}

static void registers_of_the_pmu_msr_are_pointed_at(void **state)
{
	refused("TSC", NULL, -EINVAL, "did you mean msr/tsc/?");
	refused("aperf", NULL, -EINVAL, "did you mean msr/aperf/?");
}

static int lacks_hardware(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return attr->type == SOFTWARE ? 0 : -ENOENT;
}

static void says_when_there_are_no_counters(void **state)
{
	struct kernel kernel = {.refuses = lacks_hardware};

	refused("page-faults,cycles", &kernel, -ENOENT, "no hardware counters");
}

static int denies(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return -EACCES;
}

static void says_what_is_not_permitted(void **state)
{
	struct kernel kernel = {.refuses = denies};
	const struct event_request request = {0};
	struct said said;

	refused("cycles", &kernel, -EACCES, "not permitted");
	/* Defaults are no exception: what helps is a right, not another event. */
	said_begin(&said);
	assert_int_equal(resolve_lists(&request, &kernel), -EACCES);
	said_end(&said);
	assert_said(&said, "not permitted");
}

static int has_no_levels(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	const bool excludes = attr->exclude_user || attr->exclude_kernel || attr->exclude_hv ||
	                      attr->exclude_guest;

	return attr->type == 9 && excludes ? -EINVAL : 0;
}

static void counts_everything_on_a_pmu_without_levels(void **state)
{
	struct kernel kernel = {.refuses = has_no_levels};

	assert_int_equal(resolve_as("msr/tsc/", NAMING_CLASSIC, &kernel), 0);
	assert_levels(0, true, true, true, true, true);
	refused("msr/tsc/u", &kernel, -EOPNOTSUPP, "without the modifier");
}

static void counts_alumets_defaults(void **state)
{
	const struct event_request request = {0};
	struct kernel kernel = {0};

	assert_int_equal(resolve_lists(&request, &kernel), 0);
	ASSERT_METRICS("perf_hardware_REF_CPU_CYCLES", "perf_hardware_CACHE_MISSES",
	               "perf_hardware_BRANCH_MISSES", "perf_cache_LL_READ_MISS");
	assert_false(list.events[0].by_name);
}

static void falls_back_to_software_with_one_warning(void **state)
{
	const struct event_request request = {0};
	struct kernel kernel = {.refuses = lacks_hardware};
	struct said said;

	said_begin(&said);
	assert_int_equal(resolve_lists(&request, &kernel), 0);
	said_end(&said);
	ASSERT_METRICS("perf_software_TASK_CLOCK", "perf_software_PAGE_FAULTS",
	               "perf_software_CONTEXT_SWITCHES", "perf_software_CPU_MIGRATIONS");
	assert_string_equal(said.text,
	                    "alumet-agent: warning: software events are counted: there are no "
	                    "hardware counters here (no PMU)\n");
	assert_null(strstr(strstr(said.text, "warning") + 1, "warning"));
}

static int lacks_ref_cycles(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return attr->type == HARDWARE && attr->config == 9 ? -EINVAL : 0;
}

static void goes_on_without_a_default_that_is_missing(void **state)
{
	const struct event_request request = {0};
	struct kernel kernel = {.refuses = lacks_ref_cycles};
	struct said said;

	said_begin(&said);
	assert_int_equal(resolve_lists(&request, &kernel), 0);
	said_end(&said);
	ASSERT_METRICS("perf_hardware_CACHE_MISSES", "perf_hardware_BRANCH_MISSES",
	               "perf_cache_LL_READ_MISS");
	assert_said(&said, "not counted: REF_CPU_CYCLES");
	refused("ref-cycles", &kernel, -EOPNOTSUPP, "cannot count it");
}

static void reads_alumets_three_lists(void **state)
{
	struct setting_item hardware = {.text = (char *)"INSTRUCTIONS"};
	struct setting_item software = {.text = (char *)"PAGE_FAULTS"};
	const struct setting_list hardware_events = {.items = &hardware, .n = 1, .is_set = true};
	const struct setting_list software_events = {.items = &software, .n = 1, .is_set = true};
	const struct setting_list empty = {.is_set = true}, unset = {0};
	const struct event_request all = {
		.events = &unset,
		.hardware_events = &hardware_events,
		.software_events = &software_events,
		.cache_events = &empty,
	};
	const struct event_request some = {.events = &unset, .hardware_events = &hardware_events};
	const struct event_request none = {.events = &empty};
	struct kernel kernel = {0};

	assert_int_equal(resolve_lists(&all, &kernel), 0);
	ASSERT_METRICS("perf_hardware_INSTRUCTIONS", "perf_software_PAGE_FAULTS");
	/* What is not set keeps its default. */
	assert_int_equal(resolve_lists(&some, &kernel), 0);
	ASSERT_METRICS("perf_hardware_INSTRUCTIONS", "perf_cache_LL_READ_MISS");
	assert_int_equal(resolve_lists(&none, &kernel), 0);
	assert_int_equal(list.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(refuses_what_counts_for_several_cpus, set_up_cpu),
		TEST(names_what_was_probably_meant, set_up_cpu),
		TEST(energy_is_the_plugin_rapls, set_up_cpu),
		TEST(energy_of_no_pmu_is_the_plugin_rapls, set_up_cpu),
		TEST(registers_of_the_pmu_msr_are_pointed_at, set_up_cpu),
		TEST(says_when_there_are_no_counters, set_up),
		TEST(says_what_is_not_permitted, set_up_cpu),
		TEST(counts_everything_on_a_pmu_without_levels, set_up_cpu),
		TEST(counts_alumets_defaults, set_up_cpu),
		TEST(falls_back_to_software_with_one_warning, set_up),
		TEST(goes_on_without_a_default_that_is_missing, set_up_cpu),
		TEST(reads_alumets_three_lists, set_up_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
