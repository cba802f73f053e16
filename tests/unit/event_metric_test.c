/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the metrics of events are called. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/event_played.h"

static void names_metrics_as_alumet_does(void **state)
{
	resolve("cycles,LLC-load-misses,branches,minor-faults,cs,task-clock,REF_CPU_CYCLES");
	ASSERT_METRICS("perf_hardware_CPU_CYCLES", "perf_cache_LL_READ_MISS",
	               "perf_hardware_BRANCH_INSTRUCTIONS", "perf_software_PAGE_FAULTS_MIN",
	               "perf_software_CONTEXT_SWITCHES", "perf_software_TASK_CLOCK",
	               "perf_hardware_REF_CPU_CYCLES");
	assert_string_equal(list.events[0].label, "cycles");
	assert_string_equal(list.events[0].text, "cycles");
	assert_true(list.events[0].by_name);
}

static void names_metrics_flat_when_asked(void **state)
{
	struct kernel kernel = {0};

	assert_int_equal(resolve_as("ref-cycles,LL_READ_MISS,page-faults,cycles,cycles:k",
	                            NAMING_FLAT, &kernel),
	                 0);
	ASSERT_METRICS("perf_ref_cpu_cycles", "perf_ll_read_miss", "perf_page_faults",
	               "perf_cpu_cycles", "perf_cpu_cycles_k");
}

static void names_other_events_by_their_text(void **state)
{
	resolve("r412e,r0x412e,cpu/event=0x2e,umask=0x41/,msr/tsc/,mem-loads,cpu/event=3/k,r1:u");
	ASSERT_METRICS("perf_r412e", "perf_r0x412e", "perf_cpu_event_0x2e_umask_0x41",
	               "perf_msr_tsc", "perf_mem_loads", "perf_cpu_event_3_k", "perf_r1_u");
}

static void keeps_modifiers_out_of_a_name_that_is_alone(void **state)
{
	resolve("INSTRUCTIONS#u:k,cycles:k,cpu/event=1/#k");
	ASSERT_METRICS("perf_hardware_INSTRUCTIONS", "perf_hardware_CPU_CYCLES",
	               "perf_cpu_event_1");
}

static void tells_the_same_event_apart_by_its_modifiers(void **state)
{
	resolve("cycles,cycles:k,CPU_CYCLES#u:k,instructions:k,instructions:u,r1#u,r1#k,r1:H");
	ASSERT_METRICS("perf_hardware_CPU_CYCLES", "perf_hardware_CPU_CYCLES_k",
	               "perf_hardware_CPU_CYCLES_uk", "perf_hardware_INSTRUCTIONS_k",
	               "perf_hardware_INSTRUCTIONS", "perf_r1", "perf_r1_k", "perf_r1_h");
}

static void takes_a_name_from_the_term(void **state)
{
	resolve("cpu/event=0x2e,name=LLC/,msr/tsc,name=time-stamp/,cpu/event=1,name=perf_x/");
	ASSERT_METRICS("perf_LLC", "perf_time_stamp", "perf_x");
	assert_string_equal(list.events[0].label, "LLC");
}

static int resolve_renamed(const char *text, const char *rename, struct kernel *kernel)
{
	struct setting_item item = {.text = (char *)text, .rename = (char *)rename};
	const struct setting_list events = {.items = &item, .n = 1, .is_set = true};
	const struct event_request request = {.events = &events};

	return resolve_lists(&request, kernel);
}

static void takes_a_name_from_the_configuration(void **state)
{
	struct kernel kernel = {0};
	struct said said;

	assert_int_equal(resolve_renamed("LL_READ_MISS", "llc_miss", &kernel), 0);
	ASSERT_METRICS("perf_llc_miss");
	assert_string_equal(list.events[0].label, "llc_miss");
	assert_int_equal(resolve_renamed("cpu/event=1,name=x/", "y", &kernel), 0);
	ASSERT_METRICS("perf_y");
	assert_int_equal(resolve_renamed("task-clock", "my time", &kernel), 0);
	ASSERT_METRICS("perf_my_time");
	assert_int_equal(resolve_renamed("task-clock", "-- x.y --", &kernel), 0);
	ASSERT_METRICS("perf_x_y");

	said_begin(&said);
	assert_int_equal(resolve_renamed("cycles,instructions", "x", &kernel), -EINVAL);
	assert_int_equal(resolve_renamed("cycles", "!", &kernel), -EINVAL);
	said_end(&said);
	assert_said(&said, "given to 2 events");
	assert_said(&said, "no letter or digit");
}

static void refuses_two_events_of_one_name(void **state)
{
	refused("cycles,CPU_CYCLES", NULL, -EINVAL, "rename");
	refused("cycles:k,cpu-cycles:k", NULL, -EINVAL, "perf_hardware_CPU_CYCLES_k");
	refused("cpu/event=1,name=x/,cpu/event=2,name=x/", NULL, -EINVAL, "perf_x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_metrics_as_alumet_does, set_up_cpu),
		TEST(names_metrics_flat_when_asked, set_up_cpu),
		TEST(names_other_events_by_their_text, set_up_cpu),
		TEST(keeps_modifiers_out_of_a_name_that_is_alone, set_up_cpu),
		TEST(tells_the_same_event_apart_by_its_modifiers, set_up_cpu),
		TEST(takes_a_name_from_the_term, set_up_cpu),
		TEST(takes_a_name_from_the_configuration, set_up_cpu),
		TEST(refuses_two_events_of_one_name, set_up_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
