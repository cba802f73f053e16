/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is known of a file before it is written: the same as when it is, and nothing has changed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "linux/new_file.h"
#include "linux/trust.h"
#include "unit/other_user.h"
#include "unit/output_file_support.h"

/* trust_check(), silently. */
static int check(const char *path, bool trust_others)
{
	struct capture capture;
	int err;

	capture_begin(&capture);
	err = trust_check(path, trust_others);
	free(capture_end(&capture));
	return err;
}

static int create(const char *path, bool trust_others)
{
	struct new_file file;
	struct capture capture;
	int err;

	capture_begin(&capture);
	err = new_file_open(&file, path, trust_others);
	if (!err)
		err = new_file_close(&file, 0);
	free(capture_end(&capture));
	return err;
}

static void says_what_creation_would_say(void **state)
{
	static const struct {
		const char *name;
		int expected;
	} cases[] = {
		{"new", 0},          {"old", 0},           {"fifo", 0},         {"link", 0},
		{"folder", -EISDIR}, {"no/file", -ENOENT}, {"old/x", -ENOTDIR}, {"loop", -ELOOP},
	};
	struct folder *folder = *state;
	char path[128];
	int reader;

	write_file(folder_path(folder, "old"), "precious");
	assert_int_equal(mkdir(folder_path(folder, "folder"), 0755), 0);
	assert_int_equal(mkfifo(folder_path(folder, "fifo"), 0600), 0);
	reader = open(folder->name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(symlink("old", folder_path(folder, "link")), 0);
	assert_int_equal(symlink("loop", folder_path(folder, "loop")), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		strcpy(path, folder_path(folder, cases[i].name));
		assert_int_equal(check(path, false), cases[i].expected);
		assert_file(folder_path(folder, "old"), "precious");
		assert_int_equal(access(folder_path(folder, "new"), F_OK), -1);
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(create(folder_path(folder, cases[i].name), false),
		                 cases[i].expected);
	close(reader);
}

static void knows_the_rights_of_the_effective_user(void **state)
{
	static const char *const names[] = {"read-only", "folder/new"};
	struct folder *folder = *state;
	int checked[2], created[2];
	char path[128];

	skip_unless_root();
	write_file(folder_path(folder, "read-only"), "precious");
	assert_int_equal(mkdir(folder_path(folder, "folder"), 0755), 0);
	assert_int_equal(chown(folder->path, NOBODY, NOBODY), 0);
	assert_int_equal(check(folder_path(folder, "folder/new"), false), 0);
	become_nobody();
	for (size_t i = 0; i < 2; i++) {
		strcpy(path, folder_path(folder, names[i]));
		checked[i] = check(path, false);
		created[i] = create(path, false);
	}
	root_again();
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(checked[i], -EACCES);
		assert_int_equal(created[i], -EACCES);
	}
}

static void knows_what_others_may_have_planted(void **state)
{
	struct folder *folder = *state;
	struct capture capture;
	const char *path = folder_path(folder, "planted");

	skip_unless_root();
	write_file(path, "theirs");
	assert_int_equal(chown(path, NOBODY, NOBODY), 0);
	assert_int_equal(chmod(folder->path, 01777), 0);
	capture_begin(&capture);
	assert_int_equal(trust_check(path, false), -EACCES);
	capture_end_expecting(&capture, "belongs to somebody else");
	assert_int_equal(create(path, false), -EACCES);
	assert_int_equal(check(path, true), 0);
	assert_file(path, "theirs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(says_what_creation_would_say),
		IN_FOLDER(knows_the_rights_of_the_effective_user),
		IN_FOLDER(knows_what_others_may_have_planted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
