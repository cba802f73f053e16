/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether so many files can be open, under limits that the test sets. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "linux/descriptors.h"
#include "unit/messages.h"

static struct rlimit given;

static int note_limit(void **state)
{
	closefrom(STDERR_FILENO + 1); /* what the test itself was given */
	return getrlimit(RLIMIT_NOFILE, &given);
}

static int restore_limit(void **state)
{
	return setrlimit(RLIMIT_NOFILE, &given);
}

static int count_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void set_soft(rlim_t n)
{
	const struct rlimit limit = {n, given.rlim_max};

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void as_many_as_fit_are_enough(void **state)
{
	int before = count_descriptors();

	set_soft(STDERR_FILENO + 1 + 20);
	assert_int_equal(descriptors_need(20), 0);
	assert_int_equal(count_descriptors(), before);
}

static void one_more_is_too_many_and_the_limit_is_named(void **state)
{
	struct messages messages;
	int before = count_descriptors(), result;
	char limit[32];
	const char *said;

	messages_catch(&messages, STDERR_FILENO);
	set_soft(STDERR_FILENO + 1 + 20);
	snprintf(limit, sizeof(limit), "(now %d)", STDERR_FILENO + 1 + 20);
	result = descriptors_need(21);
	setrlimit(RLIMIT_NOFILE, &given);
	said = messages_text(&messages);
	assert_int_equal(result, -EMFILE);
	assert_non_null(strstr(said, "raise 'ulimit -n'"));
	assert_non_null(strstr(said, limit));
	assert_int_equal(count_descriptors(), before);
}

static void only_a_lack_of_descriptors_names_the_limit(void **state)
{
	struct messages messages;
	const char *said;

	messages_catch(&messages, STDERR_FILENO);
	assert_int_equal(descriptors_log(-EMFILE, "do this"), -EMFILE);
	assert_int_equal(descriptors_log(-ENOMEM, "do that"), -ENOMEM);
	said = messages_text(&messages);
	assert_non_null(strstr(said, "cannot do this: too many open files: raise 'ulimit -n'"));
	assert_non_null(strstr(said, "cannot do that: Cannot allocate memory\n"));
}

static void a_usual_limit_is_not_tried(void **state)
{
	if (given.rlim_max < DESCRIPTORS_PLENTY) {
		print_message("SKIP: the hard limit is %d\n", (int)given.rlim_max);
		skip();
	}
	set_soft(DESCRIPTORS_PLENTY);
	assert_int_equal(descriptors_need(DESCRIPTORS_PLENTY), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, note_limit, restore_limit)
	const struct CMUnitTest tests[] = {
		TEST(as_many_as_fit_are_enough),
		TEST(one_more_is_too_many_and_the_limit_is_named),
		TEST(only_a_lack_of_descriptors_names_the_limit),
		TEST(a_usual_limit_is_not_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
