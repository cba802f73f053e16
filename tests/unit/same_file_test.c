/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Two paths of one file: by other words, by links, and before the file exists. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "linux/same_file.h"
#include "unit/output_file_support.h"

static int enter_folder(void **state)
{
	make_folder(state);
	return chdir(((struct folder *)*state)->path);
}

static int leave_folder(void **state)
{
	return chdir("/") || remove_folder(state);
}

static void one_file_has_many_paths(void **state)
{
	const struct folder *folder = *state;
	char absolute[256];

	write_file("file", "rows");
	assert_int_equal(mkdir("sub", 0755), 0);
	assert_int_equal(symlink("file", "link"), 0);
	assert_int_equal(symlink("new", "link-to-new"), 0);
	assert_int_equal(link("file", "hard"), 0);
	assert_int_equal(symlink(".", "here"), 0);
	snprintf(absolute, sizeof(absolute), "%s/file", folder->path);
	assert_true(same_file("file", "file"));
	assert_true(same_file("file", "./sub/../file"));
	assert_true(same_file("file", absolute));
	assert_true(same_file("file", "link"));
	assert_true(same_file("hard", "link"));
	assert_true(same_file("here/file", "file"));
	/* Files that would be created. */
	assert_true(same_file("new", "here/new"));
	assert_true(same_file("new", "link-to-new"));
}

static void other_files_are_not_the_same(void **state)
{
	write_file("file", "rows");
	write_file("other", "rows");
	assert_int_equal(mkdir("sub", 0755), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_false(same_file("file", "other"));
	assert_false(same_file("file", "sub/file"));
	assert_false(same_file("new", "newer"));
	assert_false(same_file("new", "sub/new"));
	assert_false(same_file("file", "new"));
	assert_false(same_file("no/file", "no/file"));
	assert_false(same_file("", ""));
	/* Several can write there. */
	assert_false(same_file("fifo", "fifo"));
	assert_false(same_file("/dev/null", "/dev/null"));
	assert_false(same_file("/dev/stderr", "/dev/stderr"));
}

int main(void)
{
#define HERE(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)
	const struct CMUnitTest tests[] = {
		HERE(one_file_has_many_paths),
		HERE(other_files_are_not_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
