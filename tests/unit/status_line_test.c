/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "outputs/summary/status_line.h"

static const struct status LONG_RUN = {
	.elapsed_ns = 14 * NSEC_PER_SEC + 999 * NSEC_PER_MSEC,
	.has_processes = true,
	.n_alive = 12,
	.n_ended = 345,
	.cpus_busy = 1.94,
	.has_watts = true,
	.watts = 38.21,
};

static void check_status(const struct status *status, unsigned columns, const char *expected)
{
	struct text_signs signs;
	struct text_line line;

	text_signs_init(&signs, false);
	status_text(&line, &signs, status, columns);
	assert_string_equal(line.bytes, expected);
	assert_true(line.cells < columns);
	text_signs_fini(&signs);
}

static void tells_time_processes_cpus_and_watts(void **state)
{
	check_status(&LONG_RUN, 80,
	             "14 s - 12 processes alive, 345 ended - 1.9 CPUs busy - 38.2 W");
}

static void draws_with_the_signs_of_the_locale(void **state)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	check_status(&LONG_RUN, 80,
	             "14 s · 12 processes alive, 345 ended · 1.9 CPUs busy · 38.2 W");
	setenv("LC_ALL", "C", 1);
}

static void says_less_on_a_narrow_terminal(void **state)
{
	/* One column stays free: a terminal may begin a new row after its last one. */
	check_status(&LONG_RUN, 62,
	             "14 s - 12 processes alive, 345 ended - 1.9 CPUs busy - 38.2 W");
	check_status(&LONG_RUN, 61, "14 s - 12 alive, 345 ended - 1.9 CPUs - 38 W");
	check_status(&LONG_RUN, 44, "14 s - 12 alive, 345 ended - 1.9 CPUs");
	check_status(&LONG_RUN, 37, "14 s - 12 alive, 345 ended");
	check_status(&LONG_RUN, 26, "14 s");
	check_status(&LONG_RUN, 4, "");
}

static void leaves_out_what_is_not_known(void **state)
{
	struct status status = LONG_RUN;

	status.has_watts = false;
	check_status(&status, 80, "14 s - 12 processes alive, 345 ended - 1.9 CPUs busy");
	status.has_processes = false;
	check_status(&status, 80, "14 s");
}

static void tells_which_run_of_a_series_it_is(void **state)
{
	struct status status = LONG_RUN;

	status.run = 3;
	status.runs = 10;
	check_status(&status, 80,
	             "run 3 of 10 - 14 s - 12 processes alive, 345 ended - 1.9 CPUs busy - 38.2 W");
	check_status(&status, 30, "3/10 - 14 s");
}

static void tells_minutes_and_hours(void **state)
{
	struct status status = {.elapsed_ns = 59999 * NSEC_PER_MSEC};

	check_status(&status, 80, "59 s");
	status.elapsed_ns = 60 * NSEC_PER_SEC;
	check_status(&status, 80, "1m00s");
	status.elapsed_ns = (3600 + 7 * 60 + 59) * NSEC_PER_SEC;
	check_status(&status, 80, "1h07m");
}

static void one_process_is_no_processes(void **state)
{
	const struct status status = {
		.elapsed_ns = 3 * NSEC_PER_SEC, .has_processes = true, .n_alive = 1};

	check_status(&status, 80, "3 s - 1 process alive, 0 ended - 0.0 CPUs busy");
}

/* A second later, as it is drawn on a terminal. */
static void assert_drawn(struct status_line *line, int terminal, const struct run_progress *now,
                         const char *expected)
{
	const struct run_info run = {.start_ns = 1};
	char bytes[256];
	ssize_t n;

	status_line_update(line, now, &run);
	n = read(terminal, bytes, sizeof(bytes) - 1);
	assert_true(n > 0);
	bytes[n] = '\0';
	if (!strstr(bytes, expected))
		fail_msg("drawn: %s", bytes);
}

static void what_is_used_per_second_is_a_difference(void **state)
{
	struct run_progress now = {
		.now_ns = 3 * NSEC_PER_SEC,
		.has_processes = true,
		.cpu_ns = 10 * NSEC_PER_SEC,
		.cpu_at_ns = 3 * NSEC_PER_SEC,
		.has_energy = true,
		.joules = 100,
		.joules_at_ns = 3 * NSEC_PER_SEC,
	};
	struct status_line line;
	int terminal;

	status_line_open(&line, PROGRESS_NEVER);
	line.when = PROGRESS_ALWAYS;
	assert_int_equal(openpty(&terminal, &line.fd, NULL, NULL, NULL), 0);
	assert_drawn(&line, terminal, &now, "2 s - 0 processes alive, 0 ended - ");
	now.now_ns = now.cpu_at_ns = now.joules_at_ns = 5 * NSEC_PER_SEC;
	now.cpu_ns += 3 * NSEC_PER_SEC;
	now.joules += 41;
	assert_drawn(&line, terminal, &now,
	             "4 s - 0 processes alive, 0 ended - 1.5 CPUs busy - 20.5 W");
	/* Something was lost on the way. */
	now.now_ns = now.cpu_at_ns = now.joules_at_ns = 6 * NSEC_PER_SEC;
	now.cpu_ns -= NSEC_PER_SEC;
	now.joules -= 1;
	assert_drawn(&line, terminal, &now,
	             "5 s - 0 processes alive, 0 ended - 0.0 CPUs busy - 0.00 W");
	status_line_close(&line);
	close(terminal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_time_processes_cpus_and_watts),
		cmocka_unit_test(draws_with_the_signs_of_the_locale),
		cmocka_unit_test(says_less_on_a_narrow_terminal),
		cmocka_unit_test(leaves_out_what_is_not_known),
		cmocka_unit_test(tells_which_run_of_a_series_it_is),
		cmocka_unit_test(tells_minutes_and_hours),
		cmocka_unit_test(one_process_is_no_processes),
		cmocka_unit_test(what_is_used_per_second_is_a_difference),
	};

	setenv("LC_ALL", "C", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
