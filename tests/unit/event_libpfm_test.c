/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of libpfm4. LIBPFM_FORCE_PMU makes the library take this machine for a Skylake, so codes
 * can be compared with Intel's event list (perfmon events of SKL: event and umask as documented
 * there).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "unit/event_support.h"

#include "sources/perf/events/event_resolve.h"
#include "sources/perf/events/libpfm.h"

static struct machine machine;
static struct event_list list;

static int open_all(void *data, const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return 1;
}

static void close_all(void *data, int fd, const struct perf_event_attr *attr)
{
}

static int set_up(void **state)
{
	machine_new(&machine);
	machine_write(&machine, "sys/devices/system/cpu/online", "0\n");
	machine_pmu(&machine, "cpu", "type", "4\n");
	unsetenv("ALUMET_LIBPFM_LIB");
	return 0;
}

static int tear_down(void **state)
{
	events_free(&list);
	machine_free(&machine);
	unsetenv("ALUMET_LIBPFM_LIB");
	return 0;
}

static int resolve(const char *text)
{
	const struct event_prober prober = {.open = open_all, .close = close_all};
	struct setting_item item = {.text = (char *)text};
	const struct setting_list events = {.items = &item, .n = 1, .is_set = true};
	const struct event_request request = {.events = &events, .sysroot = machine.root};

	events_free(&list);
	return events_resolve_with(&request, &prober, &list);
}

static int said_by(const char *text, struct said *said)
{
	int err;

	said_begin(said);
	err = resolve(text);
	said_end(said);
	return err;
}

static void need_library(void)
{
	struct libpfm libpfm = {0};
	struct perf_event_attr attr = {0};
	const char *why = "";
	const enum libpfm_answer answer = libpfm_encode(&libpfm, "x", &attr, &why);

	libpfm_close(&libpfm);
	if (answer == LIBPFM_ABSENT) {
		print_message("libpfm4 is not installed (apt install libpfm4)\n");
		skip();
	}
	if (resolve("skl::RESOURCE_STALLS:ANY") != 0) {
		print_message("this libpfm4 knows no Skylake\n");
		skip();
	}
}

static void assert_event(const char *text, uint64_t config, const char *metric, bool user,
                         bool kernel)
{
	const struct perf_event_attr *attr;

	assert_int_equal(resolve(text), 0);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.events[0].n_instances, 1);
	attr = &list.events[0].instances[0].attr;
	assert_int_equal(attr->type, PERF_TYPE_RAW);
	assert_true(attr->config == config);
	assert_int_equal(attr->exclude_user, !user);
	assert_int_equal(attr->exclude_kernel, !kernel);
	assert_string_equal(list.events[0].metric, metric);
}

static void takes_events_with_unit_masks(void **state)
{
	need_library();
	assert_event("RESOURCE_STALLS:ANY", 0x1a2, "perf_resource_stalls_any", true, false);
	assert_event("skl::MEM_LOAD_RETIRED:L3_MISS", 0x20d1, "perf_skl__mem_load_retired_l3_miss",
	             true, false);
	assert_event("resource_stalls:any", 0x1a2, "perf_resource_stalls_any", true, false);
	assert_event("RESOURCE_STALLS:ANY:c=2", 0x20001a2, "perf_resource_stalls_any_c_2", true,
	             false);
}

static void takes_modifiers_in_all_notations(void **state)
{
	need_library();
	assert_event("RESOURCE_STALLS:ANY:k", 0x1a2, "perf_resource_stalls_any_k", false, true);
	assert_event("RESOURCE_STALLS:ANY:u:k", 0x1a2, "perf_resource_stalls_any_u_k", true, true);
	assert_event("RESOURCE_STALLS:ANY:uk", 0x1a2, "perf_resource_stalls_any_uk", true, true);
	assert_event("RESOURCE_STALLS:ANY#u:k", 0x1a2, "perf_resource_stalls_any", true, true);
	assert_event("{RESOURCE_STALLS:ANY}:k", 0x1a2, "perf_resource_stalls_any", false, true);
}

static void says_what_libpfm_does_not_take(void **state)
{
	struct said said;

	need_library();
	assert_int_equal(said_by("RESOURCE_STALLS:NONSENSE", &said), -EINVAL);
	assert_said(&said, "not what follows it");
	assert_int_equal(said_by("THERE_IS_NO_SUCH_EVENT", &said), -EINVAL);
	assert_said(&said, "not known");
}

static void says_when_the_library_is_missing(void **state)
{
	struct said said;

	setenv("ALUMET_LIBPFM_LIB", "/nonexistent/libpfm.so", 1);
	assert_int_equal(said_by("RESOURCE_STALLS:ANY", &said), -EINVAL);
	assert_said(&said, "apt install libpfm4");
	assert_said(&said, "/nonexistent/libpfm.so");
	/* Other events need it not. */
	assert_int_equal(resolve("cycles"), 0);
}

static void says_when_the_library_is_another(void **state)
{
	struct said said;

	setenv("ALUMET_LIBPFM_LIB", "libm.so.6", 1);
	assert_int_equal(said_by("RESOURCE_STALLS:ANY", &said), -EINVAL);
	assert_said(&said, "lacks functions of libpfm4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(takes_events_with_unit_masks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(takes_modifiers_in_all_notations, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(says_what_libpfm_does_not_take, set_up, tear_down),
		cmocka_unit_test_setup_teardown(says_when_the_library_is_missing, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(says_when_the_library_is_another, set_up,
	                                        tear_down),
	};

	setenv("LIBPFM_FORCE_PMU", "skl", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
