/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "linux/cpu_list.h"

static void assert_list(const char *text, const uint32_t *cpus, size_t n)
{
	struct cpu_list list;

	assert_int_equal(cpu_list_parse(text, &list), 0);
	assert_int_equal(list.n, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(list.cpus[i], cpus[i]);
	cpu_list_free(&list);
}

static void reads_single_cpus_and_ranges(void **state)
{
	assert_list("0\n", (const uint32_t[]){0}, 1);
	assert_list("0-3", (const uint32_t[]){0, 1, 2, 3}, 4);
	assert_list("0-1,8,10-11\n", (const uint32_t[]){0, 1, 8, 10, 11}, 5);
	assert_list("65535", (const uint32_t[]){65535}, 1);
	assert_list("", NULL, 0);
	assert_list("\n", NULL, 0);
}

static void is_ascending_and_free_of_repeats(void **state)
{
	assert_list("4,0-2,1", (const uint32_t[]){0, 1, 2, 4}, 4);
}

static void refuses_what_is_no_list(void **state)
{
	static const char *const bad[] = {"x",  "1-", "-1",  "3-1", "1,,2", "1,",    ",1",
	                                  " 1", "+1", "1 2", "0x1", "1\n2", "1-2-3", "1:2"};
	struct cpu_list list;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(cpu_list_parse(bad[i], &list), -EINVAL);
		assert_int_equal(list.n, 0);
	}
}

static void refuses_numbers_no_kernel_has(void **state)
{
	struct cpu_list list;

	assert_int_equal(cpu_list_parse("65536", &list), -ERANGE);
	assert_int_equal(cpu_list_parse("0-4294967296", &list), -ERANGE);
	assert_int_equal(cpu_list_parse("99999999999999999999999999", &list), -ERANGE);
}

static void tells_membership_and_cover(void **state)
{
	struct cpu_list all, some, other;

	assert_int_equal(cpu_list_parse("0-7", &all), 0);
	assert_int_equal(cpu_list_parse("2,5", &some), 0);
	assert_int_equal(cpu_list_parse("2,8", &other), 0);
	assert_true(cpu_list_has(&some, 5));
	assert_false(cpu_list_has(&some, 4));
	assert_true(cpu_list_covers(&all, &some));
	assert_false(cpu_list_covers(&some, &all));
	assert_false(cpu_list_covers(&all, &other));
	cpu_list_free(&all);
	assert_true(cpu_list_covers(&some, &all)); /* the empty list is in every one */
	cpu_list_free(&some);
	cpu_list_free(&other);
}

static void finds_what_two_have_in_common(void **state)
{
	struct cpu_list list, other, far;

	assert_int_equal(cpu_list_parse("0-4,8", &list), 0);
	assert_int_equal(cpu_list_parse("6-9", &other), 0);
	assert_int_equal(cpu_list_parse("5-7,9", &far), 0);
	assert_true(cpu_list_overlaps(&list, &other));
	assert_true(cpu_list_overlaps(&other, &list));
	assert_false(cpu_list_overlaps(&list, &far));
	cpu_list_free(&far);
	assert_false(cpu_list_overlaps(&list, &far));
	assert_false(cpu_list_overlaps(&far, &list));
	cpu_list_free(&list);
	cpu_list_free(&other);
}

static void reads_a_file(void **state)
{
	char path[] = "/tmp/cpu_list_XXXXXX";
	int fd = mkstemp(path);
	struct cpu_list list;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "3-4\n", 4), 4);
	close(fd);
	assert_int_equal(cpu_list_read(AT_FDCWD, path, &list), 0);
	assert_int_equal(list.n, 2);
	cpu_list_free(&list);
	unlink(path);
	assert_int_equal(cpu_list_read(AT_FDCWD, path, &list), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_single_cpus_and_ranges),
		cmocka_unit_test(is_ascending_and_free_of_repeats),
		cmocka_unit_test(refuses_what_is_no_list),
		cmocka_unit_test(refuses_numbers_no_kernel_has),
		cmocka_unit_test(tells_membership_and_cover),
		cmocka_unit_test(finds_what_two_have_in_common),
		cmocka_unit_test(reads_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
