/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The file of the run before, kept under another name. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "unit/output_file_support.h"

/*
 * Open, keep, begin, write, close. Returns what output_file_keep_old() returned: an error is a
 * warning for the user.
 */
static int run_once(const char *path, const char *text)
{
	struct output_file file;
	struct capture capture;
	char *said;
	int kept;

	open_for_replacing(&file, path);
	capture_begin(&capture);
	kept = output_file_keep_old(&file);
	said = capture_end(&capture);
	assert_int_equal(strstr(said, "warning: the rows of the run before") != NULL, kept < 0);
	free(said);
	assert_int_equal(output_file_begin(&file), 0);
	assert_int_equal(put(&file, text), 0);
	output_file_close(&file);
	return kept;
}

static void the_file_before_is_kept_and_no_older_one(void **state)
{
	char *path = strdup(folder_path(*state, "out"));
	char *old = strdup(folder_path(*state, "out.old"));
	struct stat mode;

	assert_int_equal(run_once(path, "first."), 0);
	assert_int_equal(access(old, F_OK), -1);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(run_once(path, "second."), 1);
	assert_file(path, "second.");
	assert_file(old, "first.");
	assert_int_equal(stat(path, &mode), 0);
	assert_int_equal(mode.st_mode & 0777, 0640);
	assert_int_equal(run_once(path, "third."), 1);
	assert_file(path, "third.");
	assert_file(old, "second.");
	free(old);
	free(path);
}

static void the_new_file_is_locked_and_the_old_one_is_not(void **state)
{
	char *path = strdup(folder_path(*state, "out"));
	char *old = strdup(folder_path(*state, "out.old"));
	struct output_file file;
	int fd;

	write_file(path, "rows");
	open_for_replacing(&file, path);
	assert_int_equal(output_file_keep_old(&file), 1);
	assert_refused(path, EBUSY, "another output of this run writes it");
	fd = open(old, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	close(fd);
	output_file_close(&file);
	free(path);
	free(old);
}

static void what_a_run_is_writing_is_not_replaced(void **state)
{
	char *path = strdup(folder_path(*state, "out"));
	char *old = strdup(folder_path(*state, "out.old"));
	struct output_file other;

	write_file(path, "first.");
	open_for_replacing(&other, old);
	assert_int_equal(output_file_begin(&other), 0);
	assert_int_equal(run_once(path, "second."), -EBUSY);
	assert_int_equal(put(&other, "other."), 0);
	assert_file(path, "second.");
	assert_file(old, "other.");
	output_file_close(&other);
	free(old);
	free(path);
}

/* Nothing is put aside that has no rows, is added to, or is another name's file. */
static void other_files_stay_where_they_are(void **state)
{
	char *path = strdup(folder_path(*state, "out"));
	char *target = strdup(folder_path(*state, "target"));
	char *old = strdup(folder_path(*state, "out.old"));
	struct output_file file;

	write_file(path, "");
	assert_int_equal(run_once(path, ""), 0);
	write_file(path, "rows");
	assert_int_equal(output_file_open(&file, path, true, &no_context), 0);
	assert_int_equal(output_file_keep_old(&file), 0);
	output_file_close(&file);
	assert_file(path, "rows");

	unlink(path);
	write_file(target, "rows");
	assert_int_equal(symlink("target", path), 0);
	assert_int_equal(run_once(path, "new."), 0);
	assert_file(target, "new.");
	assert_int_equal(access(old, F_OK), -1);
	free(path);
	free(target);
	free(old);
}

/* A folder is in the way of the name: the file is replaced, as it would be without. */
static void what_cannot_be_kept_is_replaced(void **state)
{
	char *path = strdup(folder_path(*state, "out"));
	char *old = strdup(folder_path(*state, "out.old"));

	write_file(path, "rows");
	assert_int_equal(mkdir(old, 0700), 0);
	assert_int_equal(run_once(path, "new."), -EISDIR);
	assert_file(path, "new.");
	assert_int_equal(rmdir(old), 0);
	free(path);
	free(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(the_file_before_is_kept_and_no_older_one),
		IN_FOLDER(the_new_file_is_locked_and_the_old_one_is_not),
		IN_FOLDER(other_files_stay_where_they_are),
		IN_FOLDER(what_a_run_is_writing_is_not_replaced),
		IN_FOLDER(what_cannot_be_kept_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
