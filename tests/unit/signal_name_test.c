/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <string.h>

#include "core/signal_name.h"

static void names_are_those_of_the_shell(void **state)
{
	char name[SIGNAL_NAME_SIZE];

	signal_name(SIGKILL, name);
	assert_string_equal(name, "SIGKILL");
	signal_name(SIGRTMIN, name);
	assert_string_equal(name, "SIGRTMIN+0");
	signal_name(SIGRTMIN + 3, name);
	assert_string_equal(name, "SIGRTMIN+3");
	signal_name(32, name); /* of the C library's own use */
	assert_string_equal(name, "SIG32");
}

static void every_name_is_read_back(void **state)
{
	for (int signal = 1; signal < NSIG; signal++) {
		char name[SIGNAL_NAME_SIZE];

		signal_name(signal, name);
		assert_int_equal(signal_of_name(name, strlen(name)), signal);
	}
	assert_int_equal(signal_of_name("9", 1), SIGKILL);
	assert_int_equal(signal_of_name("SIGKILLED", 7), SIGKILL);
}

static void others_are_none(void **state)
{
	static const char *const others[] = {"", "KILL", "SIG", "SIGNONE", "SIGRTMIN+99", "0", "65",
	                                     "-9", "9 "};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_int_equal(signal_of_name(others[i], strlen(others[i])), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_the_shell),
		cmocka_unit_test(every_name_is_read_back),
		cmocka_unit_test(others_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
