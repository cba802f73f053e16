/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counters that stand at 0, as in virtual machines: which are taken, and what is said of them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "rapl_choice_support.h"

static void lay_out_virtual_machine(struct run *run, uint64_t energy_uj)
{
	root_cpuinfo(&run->root, "GenuineIntel", 6, 0x5e, "fpu hypervisor");
	root_zone(&run->root, "intel-rapl:0", "package-0", energy_uj, RANGE);
}

/* What is said at the end; run->report has what the source gave to show beside it. */
static const char *stop_and_hear(struct run *run)
{
	messages_catch(&run->messages, STDERR_FILENO);
	run_stop(run);
	return messages_text(&run->messages);
}

/* Nobody waits for the counter before the command starts: it may still move. */
static void virtual_machine_at_zero_is_told_at_the_end(void **state)
{
	struct run *run = *state;

	lay_out_virtual_machine(run, 0);
	run->settings.poll_interval_ns = 1;
	run_open_and_start(run);
	assert_string_equal(run->said, "");
	run_poll(run);
	assert_non_null(strstr(stop_and_hear(run), "this virtual machine has no energy counters"));
	assert_string_equal(run->report, "");
	assert_int_equal(run->n_seen, 0);
}

/* Transforms prepare nothing for counters in doubt. */
static void virtual_machine_at_zero_is_not_shared_out(void **state)
{
	struct run *run = *state;

	lay_out_virtual_machine(run, 0);
	run_open_and_start(run);
	assert_true(metric_find(run->metrics, METRIC_ENERGY_COUNTS) < 0);
}

static void virtual_machine_whose_counter_moves_later_has_rows(void **state)
{
	struct run *run = *state;

	lay_out_virtual_machine(run, 0);
	run->settings.poll_interval_ns = 1;
	run_open_and_start(run);
	run_poll(run);
	assert_int_equal(run->n_seen, 0);
	root_energy(&run->root, "intel-rapl:0", 50);
	run_poll(run);
	root_energy(&run->root, "intel-rapl:0", 70);
	assert_string_equal(stop_and_hear(run), "");
	assert_int_equal(run_uj(run, "package", 0), 70);
	assert_int_equal(run->n_seen, 2);
}

static struct run *moving;

static void let_powercap_move(void)
{
	if (n_pauses == 3)
		root_energy(&moving->root, "intel-rapl:0", 50);
}

/*
 * Powercap reads 0 and msr does not: the machine has counters, so powercap's get the time to move.
 */
static void one_at_zero_before_one_that_counts_gets_time(void **state)
{
	struct run *run = *state;

	lay_out_virtual_machine(run, 0);
	root_msr(&run->root, 0, 0x606, 0xa0e03);
	root_msr(&run->root, 0, 0x611, 1000);
	moving = run;
	at_pause = let_powercap_move;
	assert_int_equal(run_open(run), 0);
	assert_int_equal(n_pauses, 3);
	at_pause = NULL;
	run_start(run);
	root_energy(&run->root, "intel-rapl:0", 150);
	assert_string_equal(stop_and_hear(run), "");
	assert_int_equal(run_uj(run, "package", 0), 100);
}

static void one_that_stays_at_zero_leaves_the_one_that_counts(void **state)
{
	struct run *run = *state;

	lay_out_virtual_machine(run, 0);
	root_msr(&run->root, 0, 0x606, 0xa0e03);
	root_msr(&run->root, 0, 0x611, 1000);
	assert_int_equal(run_open(run), 0);
	assert_true(n_pauses > 0);
	run_start(run);
	root_msr(&run->root, 0, 0x611, 1000 + 16384);
	assert_string_equal(stop_and_hear(run), "");
	assert_int_equal(run_uj(run, "package", 0), 1000000);
}

/* With no other beside it nobody waits for it. */
static void one_at_zero_alone_gets_none(void **state)
{
	struct run *run = *state;

	lay_out_virtual_machine(run, 0);
	assert_int_equal(run_open(run), 0);
	assert_int_equal(n_pauses, 0);
}

static void virtual_machine_at_zero_is_refused_when_required(void **state)
{
	struct run *run = *state;

	lay_out_virtual_machine(run, 0);
	run->context.absence = ABSENCE_ERROR;
	assert_int_equal(run_open(run), -ENODEV);
	assert_non_null(strstr(run->said, "powercap: this is a virtual machine, and every energy"));
}

static void virtual_machine_at_zero_is_refused_when_named(void **state)
{
	struct run *run = *state;

	lay_out_virtual_machine(run, 0);
	run->settings.backend = RAPL_POWERCAP;
	assert_int_equal(run_open(run), -EIO);
	assert_non_null(strstr(run->said, "this is a virtual machine, and every energy"));
}

/* perf's counters begin at 0 as they are opened: those of packages are waited for. */
static void virtual_machine_with_packages_in_perf_is_measured(void **state)
{
	struct run *run = *state;

	skip_without_perf();
	lay_out_virtual_machine(run, 0);
	lay_out_perf(run, "0", "pkg");
	run_open_and_start(run);
	assert_true(metric_find(run->metrics, METRIC_ENERGY_COUNTS) >= 0);
	assert_string_equal(stop_and_hear(run), "");
	assert_true(run->seen[0].joules > 0);
}

/*
 * A counter of the platform alone is as good as none until it moves, and so is one that never does.
 */
static void platform_that_stands_leaves_the_others(void **state)
{
	struct run *run = *state;

	skip_without_perf();
	lay_out_virtual_machine(run, 77);
	lay_out_perf(run, "0", "psys");
	/* Of the software PMU, emulation faults: there are none. */
	root_write(&run->root, POWER_PMU "events/energy-psys", "config=0x8\n");
	assert_int_equal(run_open(run), 0);
	run_start(run);
	root_energy(&run->root, "intel-rapl:0", 177);
	assert_string_equal(stop_and_hear(run), "");
	assert_int_equal(run_uj(run, "package", 0), 100);
}

static void virtual_machine_with_counters_is_measured(void **state)
{
	struct run *run = *state;

	root_cpuinfo(&run->root, "GenuineIntel", 6, 0x5e, "fpu hypervisor");
	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	root_zone(&run->root, "intel-rapl:0:0", "core", 77, RANGE);
	assert_int_equal(run_open(run), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(virtual_machine_at_zero_is_told_at_the_end),
		TEST(virtual_machine_at_zero_is_not_shared_out),
		TEST(virtual_machine_whose_counter_moves_later_has_rows),
		TEST(one_at_zero_before_one_that_counts_gets_time),
		TEST(one_that_stays_at_zero_leaves_the_one_that_counts),
		TEST(one_at_zero_alone_gets_none),
		TEST(virtual_machine_at_zero_is_refused_when_required),
		TEST(virtual_machine_at_zero_is_refused_when_named),
		TEST(virtual_machine_with_packages_in_perf_is_measured),
		TEST(platform_that_stands_leaves_the_others),
		TEST(virtual_machine_with_counters_is_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
