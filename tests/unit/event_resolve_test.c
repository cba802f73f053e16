/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whole resolutions: where events count, on which CPUs, together or in turns. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sources/perf/fields.h"
#include "unit/event_played.h"

static void assert_attr(size_t event, size_t instance, uint32_t type, uint64_t config)
{
	const struct perf_event_attr *attr;

	assert_true(event < list.n && instance < list.events[event].n_instances);
	attr = &list.events[event].instances[instance].attr;
	assert_int_equal(attr->type, type);
	assert_true(attr->config == config);
}

static void counts_user_space_unless_told_otherwise(void **state)
{
	resolve("cycles,LL_READ_MISS,r1a2,cpu/event=1/,mem-loads,page-faults,msr/tsc/");
	for (size_t i = 0; i < 5; i++)
		assert_levels(i, true, false, false, false, true);
	assert_levels(5, true, true, true, false, true);
	assert_levels(6, true, true, true, false, true);
}

static void obeys_modifiers_of_perf(void **state)
{
	resolve("cycles:u,instructions:k,branches:uk,branch-misses:ukh,cache-misses:H,bus-cycles:G,"
	        "cpu/event=1/k,page-faults:u,ref-cycles:I");
	assert_levels(0, true, false, false, false, true);
	assert_levels(1, false, true, false, true, true);
	assert_levels(2, true, true, false, false, true);
	assert_levels(3, true, true, true, false, true);
	assert_levels(4, true, true, true, false, true);
	assert_levels(5, true, true, true, true, false);
	assert_levels(6, false, true, false, true, true);
	assert_levels(7, true, false, false, false, true);
	assert_true(list.events[8].instances[0].attr.exclude_idle);
}

static void obeys_modifiers_of_alumet(void **state)
{
	resolve("INSTRUCTIONS#u:k,CPU_CYCLES#G,CACHE_MISSES#H,BUS_CYCLES#");
	assert_levels(0, true, true, false, false, true);
	assert_levels(1, true, false, false, true, false);
	assert_levels(2, true, false, false, false, true);
	assert_levels(3, true, false, false, false, true);
}

static void adds_a_groups_modifiers(void **state)
{
	resolve("{cycles:k,instructions,task-clock}:u");
	assert_levels(0, true, true, false, false, true);
	assert_levels(1, true, false, false, false, true);
	assert_int_equal(list.events[2].n_instances, 0);
}

static void leaves_what_the_kernel_keeps_without_perf_events(void **state)
{
	struct kernel kernel = {0};

	assert_int_equal(
		resolve_as("task-clock,CPU_CLOCK:uk,cs,migrations", NAMING_CLASSIC, &kernel), 0);
	assert_int_equal(kernel.n_opened, 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(list.events[i].origin, EVENT_FROM_KERNEL);
	assert_int_equal(list.events[0].field, FIELD_CPU_TIME);
	assert_int_equal(list.events[1].field, FIELD_CPU_TIME);
	assert_int_equal(list.events[2].field, FIELD_CONTEXT_SWITCHES);
	assert_int_equal(list.events[3].field, FIELD_MIGRATIONS);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(list.events[i].n_instances, 0);
	refused("cs:u", NULL, -EINVAL, "leave the modifier out");
}

static void opens_a_generic_event_on_every_core_type(void **state)
{
	const struct event *event;

	resolve("cycles,LLC-load-misses,r1a2,page-faults");
	event = &list.events[0];
	assert_int_equal(event->n_instances, 2);
	assert_string_equal(event->instances[0].pmu, "cpu_atom");
	assert_attr(0, 0, HARDWARE, 0xa00000000);
	assert_int_equal(event->instances[0].n_cpus, 4);
	assert_int_equal(event->instances[0].cpus[0], 4);
	assert_string_equal(event->instances[1].pmu, "cpu_core");
	assert_attr(0, 1, HARDWARE, 0x400000000);
	assert_int_equal(event->instances[1].cpus[3], 3);
	assert_attr(1, 0, CACHE, 0xa00010002);
	assert_attr(1, 1, CACHE, 0x400010002);
	assert_attr(2, 0, 10, 0x1a2);
	assert_attr(2, 1, 4, 0x1a2);
	assert_int_equal(list.events[3].n_instances, 1);
	assert_null(list.events[3].instances[0].cpus);
	assert_attr(3, 0, SOFTWARE, 2);
}

static void opens_a_pmus_event_on_its_own_cores(void **state)
{
	resolve("cpu_atom/event=0x3c/,cpu_core/cycles/,cpu/event=1/,slots");
	assert_int_equal(list.events[0].n_instances, 1);
	assert_attr(0, 0, 10, 0x3c);
	assert_int_equal(list.events[0].instances[0].cpus[0], 4);
	assert_attr(1, 0, HARDWARE, 0x400000000);
	assert_int_equal(list.events[2].n_instances, 2);
	assert_attr(2, 0, 10, 1);
	assert_attr(2, 1, 4, 1);
	assert_int_equal(list.events[3].n_instances, 1);
	assert_string_equal(list.events[3].instances[0].pmu, "cpu_core");
}

static int atom_has_no_nodes(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return attr->type == CACHE && cpu >= 4 ? -ENOENT : 0;
}

static void counts_where_it_can_and_says_where_not(void **state)
{
	struct kernel kernel = {.refuses = atom_has_no_nodes};
	struct said said;

	said_begin(&said);
	assert_int_equal(resolve_as("node-loads", NAMING_CLASSIC, &kernel), 0);
	said_end(&said);
	assert_int_equal(list.events[0].n_instances, 1);
	assert_string_equal(list.events[0].instances[0].pmu, "cpu_core");
	assert_said(&said, "cpu_atom");
}

/* Arm before 6.6: the CPU tells which PMU is meant, a number in config is refused. */
static int knows_no_pmu_numbers(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return attr->type <= CACHE && attr->config >> 32 ? -ENOENT : 0;
}

static void goes_without_the_pmus_number_on_older_arm_kernels(void **state)
{
	struct kernel kernel = {.refuses = knows_no_pmu_numbers};

	assert_int_equal(
		resolve_as("cycles,armv8_cortex_a53/config=0x11/", NAMING_CLASSIC, &kernel), 0);
	assert_int_equal(list.events[0].n_instances, 2);
	assert_attr(0, 0, HARDWARE, 0);
	assert_attr(0, 1, HARDWARE, 0);
	assert_int_equal(list.events[0].instances[1].cpus[0], 4);
	assert_attr(1, 0, 7, 0x11);
	assert_int_equal(list.events[1].n_instances, 1);
}

static void leaves_the_cpus_open_where_there_is_one_core_type(void **state)
{
	resolve("cycles,r1a2,cpu/event=1/,cpu/cycles/");
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(list.events[i].n_instances, 1);
		assert_null(list.events[i].instances[0].cpus);
	}
	assert_null(list.events[0].instances[0].pmu);
	assert_attr(0, 0, HARDWARE, 0);
	assert_attr(1, 0, RAW, 0x1a2);
	assert_string_equal(list.events[2].instances[0].pmu, "cpu");
	assert_attr(3, 0, HARDWARE, 0);
}

static int first_cpus_are_offline(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return attr->type != SOFTWARE && (cpu == 0 || cpu == 4) ? -ENODEV : 0;
}

static void opens_on_a_cpu_that_is_online(void **state)
{
	struct kernel kernel = {.refuses = first_cpus_are_offline};

	assert_int_equal(
		resolve_as("{cycles,instructions},cpu_atom/event=1/", NAMING_CLASSIC, &kernel), 0);
	assert_int_equal(list.events[0].n_instances, 2);
	assert_int_equal(list.events[0].instances[0].n_cpus, 4);
}

static int cannot_group(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return group_fd >= 0 ? -EINVAL : 0;
}

static void counts_groups_together_or_not_at_all(void **state)
{
	struct kernel kernel = {.refuses = cannot_group};

	resolve("{cycles,instructions},{page-faults,task-clock,faults:u},branches");
	assert_int_equal(list.events[0].group, 0);
	assert_int_equal(list.events[1].group, 0);
	assert_int_equal(list.events[2].group, 1);
	assert_int_equal(list.events[3].group, 1);
	assert_int_equal(list.events[5].group, -1);
	refused("{cycles,instructions}", &kernel, -EINVAL, "cannot be counted together");
	/* One perf event, the other is the kernel's own: nothing to be opened together. */
	assert_int_equal(resolve_as("{cycles,task-clock}", NAMING_CLASSIC, &kernel), 0);
}

static void groups_on_each_core_type(void **state)
{
	resolve("{cycles,instructions}");
	refused("{cpu_core/cycles/,cpu_atom/cycles/}", NULL, -EINVAL, "different CPUs");
}

static int counters_taken;

static int has_four_counters(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	if (attr->type == SOFTWARE)
		return 0;
	counters_taken = group_fd < 0 ? 1 : counters_taken + 1;
	return counters_taken > 4 ? -EINVAL : 0;
}

static void says_when_events_take_turns(void **state)
{
	struct kernel kernel = {.refuses = has_four_counters};
	struct said said;

	said_begin(&said);
	assert_int_equal(resolve_as("cycles,instructions,branches,branch-misses,page-faults",
	                            NAMING_CLASSIC, &kernel),
	                 0);
	said_end(&said);
	assert_string_equal(said.text, "");
	said_begin(&said);
	assert_int_equal(resolve_as("cycles,instructions,branches,branch-misses,cache-misses",
	                            NAMING_CLASSIC, &kernel),
	                 0);
	said_end(&said);
	assert_said(&said, "take turns");
}

static void takes_no_more_events_than_there_is_room_for(void **state)
{
	char text[EVENTS_MAX * 8 + 16] = "";

	for (int i = 0; i < EVENTS_MAX; i++)
		snprintf(text + strlen(text), 8, "%sr%x", i ? "," : "", i + 1);
	resolve(text);
	assert_int_equal(list.n, EVENTS_MAX);
	strcat(text, ",r999");
	refused(text, NULL, -E2BIG, "at most 32");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counts_user_space_unless_told_otherwise, set_up_cpu),
		TEST(obeys_modifiers_of_perf, set_up_cpu),
		TEST(obeys_modifiers_of_alumet, set_up_cpu),
		TEST(adds_a_groups_modifiers, set_up_cpu),
		TEST(leaves_what_the_kernel_keeps_without_perf_events, set_up_cpu),
		TEST(opens_a_generic_event_on_every_core_type, set_up_hybrid),
		TEST(opens_a_pmus_event_on_its_own_cores, set_up_hybrid),
		TEST(counts_where_it_can_and_says_where_not, set_up_hybrid),
		TEST(goes_without_the_pmus_number_on_older_arm_kernels, set_up_big_little),
		TEST(leaves_the_cpus_open_where_there_is_one_core_type, set_up_cpu),
		TEST(opens_on_a_cpu_that_is_online, set_up_hybrid),
		TEST(counts_groups_together_or_not_at_all, set_up_cpu),
		TEST(groups_on_each_core_type, set_up_hybrid),
		TEST(says_when_events_take_turns, set_up_cpu),
		TEST(takes_no_more_events_than_there_is_room_for, set_up_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
