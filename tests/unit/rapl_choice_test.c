/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which backend is taken, and what is said about it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "alumet/energy.h"
#include "core/metric_registry.h"
#include "unit/rapl_run.h"

#define RANGE UINT64_C(262143328850)

/* What happens while the source waits for a counter to move; called in the place of each pause. */
static void (*at_pause)(void);
static unsigned int n_pauses;

/* In the place of libc's. */
int nanosleep(const struct timespec *duration, struct timespec *rest)
{
	n_pauses++;
	if (at_pause)
		at_pause();
	return 0;
}

static int set_up(void **state)
{
	struct run *run = malloc(sizeof(*run));

	at_pause = NULL;
	n_pauses = 0;
	run_init(run);
	*state = run;
	return 0;
}

static int tear_down(void **state)
{
	run_fini(*state);
	free(*state);
	return 0;
}

/* A PMU that opens: its events are the software clock. event: without "energy-". */
static void lay_out_perf(struct run *run, const char *cpumask, const char *event)
{
	char file[256];

	root_write(&run->root, POWER_PMU "type", "1\n");
	root_write(&run->root, POWER_PMU "cpumask", "%s\n", cpumask);
	snprintf(file, sizeof(file), POWER_PMU "events/energy-%s", event);
	root_write(&run->root, file, "config=0x0\n");
	snprintf(file, sizeof(file), POWER_PMU "events/energy-%s.scale", event);
	root_write(&run->root, file, "1e-9\n");
}

static void lay_out_msr(struct run *run)
{
	root_cpuinfo(&run->root, "GenuineIntel", 6, 0x5e, "fpu");
	root_msr(&run->root, 0, 0x606, 0xa0e03);
	root_msr(&run->root, 0, 0x611, 1000);
}

static void skip_without_perf(void)
{
	struct run *run = malloc(sizeof(*run));
	int error;

	run_init(run);
	run->settings.backend = RAPL_PERF;
	lay_out_perf(run, "0", "pkg");
	error = run_open(run);
	run_fini(run);
	free(run);
	if (error) {
		print_message("perf events of a CPU may not be opened here\n");
		skip();
	}
}

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
		TEST(root_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
