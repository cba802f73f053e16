/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which backend is taken, and what is said about it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "rapl_choice_support.h"

/* Powercap stands still, perf's clock runs: which one was read shows in the row. */
static void perf_comes_first(void **state)
{
	struct run *run = *state;

	skip_without_perf();
	lay_out_perf(run, "0", "pkg");
	root_zone(&run->root, "intel-rapl:0", "package-0", 5, RANGE);
	lay_out_msr(run);
	assert_int_equal(run_open(run), 0);
	assert_string_equal(run->said, "");
	run_start(run);
	run_stop(run);
	assert_int_equal(run->n_seen, 1);
	assert_true(run->seen[0].joules > 0);
}

static void powercap_comes_second(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 5, RANGE);
	lay_out_msr(run);
	assert_int_equal(run_open(run), 0);
	assert_string_equal(run->said, "");
	run_start(run);
	root_energy(&run->root, "intel-rapl:0", 105);
	run_stop(run);
	assert_int_equal(run_uj(run, "package", 0), 100);
}

static void msr_comes_third(void **state)
{
	struct run *run = *state;

	lay_out_msr(run);
	assert_int_equal(run_open(run), 0);
	run_start(run);
	root_msr(&run->root, 0, 0x611, 1000 + 16384);
	run_stop(run);
	assert_int_equal(run_uj(run, "package", 0), 1000000);
}

static void no_perf_events_passes_perf_by(void **state)
{
	struct run *run = *state;

	lay_out_perf(run, "0", "pkg");
	root_zone(&run->root, "intel-rapl:0", "package-0", 5, RANGE);
	run->settings.no_perf_events = true;
	assert_int_equal(run_open(run), 0);
	run_start(run);
	run_stop(run);
	assert_int_equal(run_uj(run, "package", 0), 0);
}

static void no_perf_events_contradicts_backend_perf(void **state)
{
	struct run *run = *state;

	lay_out_perf(run, "0", "pkg");
	run->settings.no_perf_events = true;
	run->settings.backend = RAPL_PERF;
	assert_int_equal(run_open(run), -EINVAL);
	assert_non_null(strstr(run->said, "no_perf_events"));
}

static void difference_is_said_once_with_what_was_chosen(void **state)
{
	struct run *run = *state;
	const char *first;

	skip_without_perf();
	lay_out_perf(run, "0", "pkg");
	lay_out_perf(run, "0", "psys");
	root_cpu(&run->root, 0, 0, 0, "0");
	root_zone(&run->root, "intel-rapl:0", "package-0", 5, RANGE);
	root_zone(&run->root, "intel-rapl:0:0", "dram", 5, RANGE);
	assert_int_equal(run_open(run), 0);
	first = strstr(run->said, "perf and powercap show different domains");
	assert_non_null(first);
	assert_null(strstr(first + 40, "show different domains"));
	assert_non_null(strstr(run->said, "Only perf: platform."));
	assert_non_null(strstr(run->said, "Only powercap: dram of package 0."));
	assert_non_null(strstr(run->said, "perf is used"));
}

static void same_domains_are_not_worth_a_word(void **state)
{
	struct run *run = *state;

	skip_without_perf();
	lay_out_perf(run, "0", "pkg");
	lay_out_perf(run, "0", "ram");
	root_cpu(&run->root, 0, 0, 0, "0");
	root_zone(&run->root, "intel-rapl:0", "package-0", 5, RANGE);
	root_zone(&run->root, "intel-rapl:0:0", "dram", 5, RANGE);
	root_zone(&run->root, "intel-rapl-mmio:0", "package-0", 5, RANGE);
	assert_int_equal(run_open(run), 0);
	assert_string_equal(run->said, "");
}

static void named_backend_is_not_compared(void **state)
{
	struct run *run = *state;

	lay_out_perf(run, "0", "psys");
	root_zone(&run->root, "intel-rapl:0", "package-0", 5, RANGE);
	run->settings.backend = RAPL_POWERCAP;
	assert_int_equal(run_open(run), 0);
	assert_string_equal(run->said, "");
}

static void perf_that_does_not_open_leaves_powercap_and_a_word(void **state)
{
	struct run *run = *state;

	lay_out_perf(run, "4095", "pkg");
	lay_out_perf(run, "4095", "psys");
	root_zone(&run->root, "intel-rapl:0", "package-0", 5, RANGE);
	assert_int_equal(run_open(run), 0);
	assert_non_null(strstr(run->said, "powercap is used"));
}

static void empty_tree_is_a_warning_with_every_reason(void **state)
{
	struct run *run = *state;

	assert_int_equal(run_open(run), -ENODEV);
	assert_non_null(strstr(run->said, "perf: "));
	assert_non_null(strstr(run->said, "powercap: "));
	assert_non_null(strstr(run->said, "msr: "));
	assert_non_null(strstr(run->said, "no energy: "));
}

static void empty_tree_is_an_error_when_required(void **state)
{
	struct run *run = *state;

	run->context.absence = ABSENCE_ERROR;
	assert_int_equal(run_open(run), -ENODEV);
	assert_non_null(strstr(run->said, "modprobe"));
	assert_null(strstr(run->said, "no energy: "));
}

static void empty_tree_is_silent_when_nobody_asked_for_rapl(void **state)
{
	struct run *run = *state;

	run->context.absence = ABSENCE_SILENT;
	assert_int_equal(run_open(run), -ENODEV);
	assert_string_equal(run->said, "");
}

static void root_that_is_not_there_is_an_error(void **state)
{
	struct run *run = *state;

	run->settings.sysroot = "/nonexistent/root";
	assert_int_equal(run_open(run), -ENOENT);
	assert_non_null(strstr(run->said, "/nonexistent/root"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(perf_comes_first),
		TEST(powercap_comes_second),
		TEST(msr_comes_third),
		TEST(no_perf_events_passes_perf_by),
		TEST(no_perf_events_contradicts_backend_perf),
		TEST(difference_is_said_once_with_what_was_chosen),
		TEST(same_domains_are_not_worth_a_word),
		TEST(named_backend_is_not_compared),
		TEST(perf_that_does_not_open_leaves_powercap_and_a_word),
		TEST(empty_tree_is_a_warning_with_every_reason),
		TEST(empty_tree_is_an_error_when_required),
		TEST(empty_tree_is_silent_when_nobody_asked_for_rapl),
		TEST(root_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
