/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What somebody else may have planted under the name of an output file. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "unit/other_user.h"
#include "unit/output_file_support.h"

/* Modes in which others may create files in a folder: with the sticky bit, without, a group. */
static const mode_t shared_modes[] = {01777, 0777, 0775};

static void share(struct folder *folder, mode_t mode)
{
	assert_int_equal(chown(folder->path, 0, NOBODY), 0);
	assert_int_equal(chmod(folder->path, mode), 0);
}

static const struct output_context trusting = {.trust_others = true};

/* Refused but for the explicit word, which changes what is there. */
static void assert_trusted_only_if_asked(const char *path, const char *words)
{
	struct output_file file;

	assert_refused(path, EACCES, words);
	assert_int_equal(output_file_open(&file, path, false, &trusting), 0);
	output_file_close(&file);
}

static void follows_only_trusted_links_in_a_shared_folder(void **state)
{
	struct folder *folder = *state;
	char target[128];
	struct output_file file;

	skip_unless_root();
	strcpy(target, folder_path(folder, "target"));
	write_file(target, "precious");
	assert_int_equal(symlink(target, folder_path(folder, "link")), 0);
	assert_int_equal(lchown(folder_path(folder, "link"), NOBODY, NOBODY), 0);

	open_for_replacing(&file, folder_path(folder, "link"));
	output_file_close(&file);
	for (size_t i = 0; i < sizeof(shared_modes) / sizeof(*shared_modes); i++) {
		share(folder, shared_modes[i]);
		assert_trusted_only_if_asked(folder_path(folder, "link"),
		                             "symbolic link that somebody else");
		assert_file(target, "precious");
	}
	assert_int_equal(chown(folder->path, NOBODY, NOBODY), 0);
	assert_int_equal(chmod(folder->path, 0755), 0);
	assert_trusted_only_if_asked(folder_path(folder, "link"),
	                             "symbolic link that somebody else");

	assert_int_equal(lchown(folder_path(folder, "link"), 0, 0), 0);
	open_for_replacing(&file, folder_path(folder, "link"));
	assert_int_equal(output_file_begin(&file), 0);
	assert_int_equal(put(&file, "new."), 0);
	output_file_close(&file);
	assert_file(target, "new.");
}

/* A link on the way to the file, too. */
static void follows_only_trusted_links_to_folders(void **state)
{
	struct folder *folder = *state;
	struct output_file file;

	skip_unless_root();
	assert_int_equal(mkdir(folder_path(folder, "real"), 0755), 0);
	assert_int_equal(symlink("real", folder_path(folder, "link")), 0);
	assert_int_equal(lchown(folder_path(folder, "link"), NOBODY, NOBODY), 0);
	share(folder, 0777);
	assert_refused(folder_path(folder, "link/out.csv"), EACCES,
	               "symbolic link that somebody else");
	assert_int_equal(lchown(folder_path(folder, "link"), 0, 0), 0);
	open_for_replacing(&file, folder_path(folder, "link/out.csv"));
	output_file_close(&file);
}

static void writes_no_file_of_others_in_a_shared_folder(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_path(folder, "planted");
	struct output_file file;

	skip_unless_root();
	write_file(path, "theirs");
	assert_int_equal(chown(path, NOBODY, NOBODY), 0);
	open_for_replacing(&file, path);
	output_file_close(&file);
	for (size_t i = 0; i < sizeof(shared_modes) / sizeof(*shared_modes); i++) {
		share(folder, shared_modes[i]);
		assert_refused(path, EACCES, "belongs to somebody else");
	}
	assert_int_equal(chown(path, 0, 0), 0);
	open_for_replacing(&file, path);
	output_file_close(&file);
	assert_file(path, "theirs");
}

/* It would be waited for, and there is somebody else who reads it. */
static void opens_no_fifo_of_others_in_a_shared_folder(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_path(folder, "planted");

	skip_unless_root();
	assert_int_equal(mkfifo(path, 0666), 0);
	assert_int_equal(chown(path, NOBODY, NOBODY), 0);
	for (size_t i = 0; i < sizeof(shared_modes) / sizeof(*shared_modes); i++) {
		share(folder, shared_modes[i]);
		assert_refused(path, EACCES, "belongs to somebody else");
	}
}

static void writes_through_no_second_name_in_a_shared_folder(void **state)
{
	struct folder *folder = *state;
	char precious[128];
	struct output_file file;

	skip_unless_root();
	strcpy(precious, folder_path(folder, "precious"));
	write_file(precious, "precious");
	assert_int_equal(link(precious, folder_path(folder, "planted")), 0);
	open_for_replacing(&file, folder_path(folder, "planted"));
	output_file_close(&file);
	share(folder, 0777);
	assert_trusted_only_if_asked(folder_path(folder, "planted"), "hard link");
	assert_file(precious, "precious");
}

/* The user who called sudo is the caller. */
static void files_of_the_user_who_called_sudo_are_own(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_path(folder, "out.csv");
	struct output_file file;

	skip_unless_root();
	write_file(path, "theirs");
	assert_int_equal(chown(path, NOBODY, NOBODY), 0);
	assert_int_equal(chown(folder->path, NOBODY, NOBODY), 0);
	assert_refused(path, EACCES, "belongs to somebody else");
	setenv("SUDO_UID", "65533", 1);
	assert_refused(path, EACCES, "belongs to somebody else");
	setenv("SUDO_UID", "65534x", 1);
	assert_refused(path, EACCES, "belongs to somebody else");
	setenv("SUDO_UID", "65534", 1);
	open_for_replacing(&file, path);
	output_file_close(&file);
	unsetenv("SUDO_UID");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(follows_only_trusted_links_in_a_shared_folder),
		IN_FOLDER(follows_only_trusted_links_to_folders),
		IN_FOLDER(writes_no_file_of_others_in_a_shared_folder),
		IN_FOLDER(opens_no_fifo_of_others_in_a_shared_folder),
		IN_FOLDER(writes_through_no_second_name_in_a_shared_folder),
		IN_FOLDER(files_of_the_user_who_called_sudo_are_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
