/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Times on the wall clock of a machine that is suspended now and then: its clocks are the test's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

/* A new one for each test: what it keeps is in here. */
#include "core/clock.c"

static struct {
	uint64_t running_ns; /* CLOCK_MONOTONIC */
	uint64_t slept_ns;
	uint64_t epoch_ns;       /* CLOCK_REALTIME when the machine was started */
	uint64_t interrupted_ns; /* after the next reading of CLOCK_MONOTONIC */
} machine;

int clock_gettime(clockid_t clock, struct timespec *now)
{
	uint64_t ns = machine.running_ns;

	if (clock != CLOCK_MONOTONIC)
		ns += machine.slept_ns;
	if (clock == CLOCK_REALTIME)
		ns += machine.epoch_ns;
	now->tv_sec = (time_t)(ns / NSEC_PER_SEC);
	now->tv_nsec = (long)(ns % NSEC_PER_SEC);
	machine.running_ns += 20; /* a reading takes its time */
	if (clock == CLOCK_MONOTONIC) {
		machine.running_ns += machine.interrupted_ns;
		machine.interrupted_ns = 0;
	}
	return 0;
}

static int start_machine(void **state)
{
	memset(&wall, 0, sizeof(wall));
	machine.running_ns = 1000 * NSEC_PER_SEC;
	machine.slept_ns = 500 * NSEC_PER_SEC; /* before the run */
	machine.epoch_ns = 1700000000 * NSEC_PER_SEC;
	machine.interrupted_ns = 0;
	clock_follow();
	return 0;
}

/* What the wall shows at a moment, when so much was slept up to then. */
static void assert_shown(uint64_t monotonic_ns, uint64_t slept_ns)
{
	uint64_t expected = machine.epoch_ns + monotonic_ns + slept_ns;
	uint64_t shown = clock_to_realtime(monotonic_ns);

	assert_in_range(shown, expected - 1000, expected + 1000);
}

/* Runs for a while, is suspended, runs again. */
static void suspend(uint64_t slept_ns)
{
	machine.running_ns += NSEC_PER_SEC;
	machine.slept_ns += slept_ns;
	machine.running_ns += NSEC_PER_SEC;
}

static void a_suspension_is_added(void **state)
{
	uint64_t before_ns = machine.running_ns, slept_ns = machine.slept_ns;

	machine.running_ns += NSEC_PER_SEC;
	clock_follow();
	suspend(3600 * NSEC_PER_SEC);
	clock_follow();
	assert_shown(machine.running_ns, slept_ns + 3600 * NSEC_PER_SEC);
	/* What was before it stays where it was. */
	assert_shown(before_ns, slept_ns);
}

static void two_suspensions_are_two_steps(void **state)
{
	uint64_t first_ns = machine.running_ns, slept_ns = machine.slept_ns, second_ns;

	suspend(100 * NSEC_PER_SEC);
	clock_follow();
	second_ns = machine.running_ns - 1000;
	suspend(7 * NSEC_PER_MSEC);
	clock_follow();
	assert_shown(first_ns - NSEC_PER_SEC, slept_ns);
	assert_shown(second_ns, slept_ns + 100 * NSEC_PER_SEC);
	assert_shown(machine.running_ns, slept_ns + 100 * NSEC_PER_SEC + 7 * NSEC_PER_MSEC);
}

static void very_many_suspensions_forget_the_oldest(void **state)
{
	for (int i = 0; i < 10 * STEPS_MAX; i++) {
		suspend(NSEC_PER_SEC);
		clock_follow();
	}
	assert_shown(machine.running_ns, machine.slept_ns);
	assert_shown(machine.running_ns - 3 * NSEC_PER_SEC, machine.slept_ns - NSEC_PER_SEC);
}

/* Another process ran between the readings of two clocks: nothing was slept. */
static void an_interruption_is_no_suspension(void **state)
{
	uint64_t base = clock_to_realtime(0);

	machine.interrupted_ns = 50 * NSEC_PER_MSEC;
	clock_follow();
	assert_int_equal(clock_to_realtime(0), base);
	machine.running_ns += 100 * NSEC_PER_SEC;
	clock_follow();
	assert_int_equal(clock_to_realtime(machine.running_ns) - machine.running_ns, base);
	assert_int_equal(wall.n, 1);
}

/* The wall clock is set: rows go on as if it were not. */
static void a_clock_that_is_set_changes_nothing(void **state)
{
	uint64_t base = clock_to_realtime(0);

	machine.epoch_ns += 3600 * NSEC_PER_SEC;
	clock_follow();
	assert_int_equal(clock_to_realtime(machine.running_ns) - machine.running_ns, base);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, start_machine)
	const struct CMUnitTest tests[] = {
		TEST(a_suspension_is_added),
		TEST(two_suspensions_are_two_steps),
		TEST(very_many_suspensions_forget_the_oldest),
		TEST(an_interruption_is_no_suspension),
		TEST(a_clock_that_is_set_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
