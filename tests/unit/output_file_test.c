/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Output to files: made, replaced, added to, refused, and cut where there is no room. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "unit/other_user.h"
#include "unit/output_file_support.h"

static void creates_a_file(void **state)
{
	const char *path = folder_path(*state, "new");
	struct output_file file;

	open_for_replacing(&file, path);
	assert_true(file.created);
	assert_int_equal(output_file_begin(&file), 0);
	assert_int_equal(put(&file, "a.b."), 0);
	assert_file(path, "a.b.");
	assert_int_equal(output_file_finish(&file), 0);
	output_file_close(&file);
	assert_file(path, "a.b.");
}

static void leaves_nothing_behind_that_never_began(void **state)
{
	const char *path = folder_path(*state, "new");
	struct output_file file;

	open_for_replacing(&file, path);
	assert_int_equal(put(&file, "header."), 0);
	output_file_close(&file);
	assert_int_equal(access(path, F_OK), -1);
}

static void does_not_remove_what_took_the_place_of_its_file(void **state)
{
	const char *path = folder_path(*state, "new");
	struct output_file file;

	open_for_replacing(&file, path);
	unlink(path);
	write_file(path, "somebody else's");
	output_file_close(&file);
	assert_file(path, "somebody else's");
}

static void keeps_an_existing_file_until_the_beginning(void **state)
{
	const char *path = folder_path(*state, "old");
	struct output_file file;

	write_file(path, "precious");
	open_for_replacing(&file, path);
	assert_file(path, "precious");
	output_file_close(&file);
	assert_file(path, "precious");

	open_for_replacing(&file, path);
	assert_int_equal(output_file_begin(&file), 0);
	assert_file(path, "");
	assert_int_equal(put(&file, "new."), 0);
	output_file_close(&file);
	assert_file(path, "new.");
}

static void appends_without_emptying(void **state)
{
	const char *path = folder_path(*state, "old");
	struct output_file file;

	write_file(path, "first.");
	assert_int_equal(output_file_open(&file, path, true, &no_context), 0);
	assert_int_equal(output_file_begin(&file), 0);
	assert_int_equal(put(&file, "second."), 0);
	output_file_close(&file);
	assert_file(path, "first.second.");
}

static void assert_busy(const char *path, bool append, const char *words)
{
	struct output_file file;
	struct capture capture;

	capture_begin(&capture);
	assert_int_equal(output_file_open(&file, path, append, &no_context), -EBUSY);
	capture_end_expecting(&capture, words);
	output_file_close(&file);
}

static void is_written_by_one_run_at_a_time(void **state)
{
	static const char ours[] = "another output of this run writes it";
	const char *path = folder_path(*state, "new");
	struct output_file file;

	open_for_replacing(&file, path);
	assert_busy(path, false, ours);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(output_file_begin(&file), 0);
	assert_int_equal(put(&file, "one."), 0);
	assert_busy(path, false, ours);
	assert_busy(path, true, ours);
	/* As if another program had opened it. */
	assert_int_equal(fcntl(file.fd, F_SETFD, 0), 0);
	assert_busy(path, false, "-o 'run-%p.csv'");
	assert_int_equal(put(&file, "two."), 0);
	output_file_close(&file);
	assert_file(path, "one.two.");
	open_for_replacing(&file, path);
	output_file_close(&file);
}

/* Another program, which knows of no lock, empties the file: no hole where the first rows were. */
static void writes_at_the_end_whatever_others_do(void **state)
{
	const char *path = folder_path(*state, "new");
	struct output_file file;

	open_for_replacing(&file, path);
	assert_int_equal(output_file_begin(&file), 0);
	assert_int_equal(put(&file, "one."), 0);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(put(&file, "two."), 0);
	assert_file(path, "two.");
	output_file_close(&file);

	open_for_replacing(&file, path);
	assert_int_equal(output_file_begin(&file), 0);
	assert_int_equal(put(&file, "one."), 0);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(put(&file, "two."), 0);
	assert_file(path, "two.");
	output_file_close(&file);
}

/* 0 if each run could write what it wrote, or was told that another one does. */
static int open_again_and_again(const char *path)
{
	for (int i = 0; i < 500; i++) {
		struct output_file file;
		int result = output_file_open(&file, path, false, &no_context);

		if (result < 0 && result != -EBUSY)
			return -result;
		/* Not somewhere that has no name any more. */
		if (result == 0 && !output_file_has_name(&file))
			return 1;
		if (result == 0 && i % 4 == 0)
			unlink(path);
		output_file_close(&file);
	}
	return 0;
}

static void two_runs_may_create_it_at_the_same_time(void **state)
{
	const char *path = folder_path(*state, "new");
	struct capture capture;
	pid_t children[2];
	int status;

	capture_begin(&capture);
	dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
	for (int i = 0; i < 2; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(open_again_and_again(path));
	}
	for (int i = 0; i < 2; i++) {
		waitpid(children[i], &status, 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	free(capture_end(&capture));
}

static void refuses_what_cannot_be_a_file(void **state)
{
	struct folder *folder = *state;

	assert_refused(folder->path, EISDIR, "it is a directory");
	assert_refused(folder_path(folder, ""), EISDIR, "it is a directory");
	assert_refused("", ENOENT, "no file name");
	assert_refused(folder_path(folder, "no/such"), ENOENT, "mkdir -p");
	write_file(folder_path(folder, "file"), "");
	assert_refused(folder_path(folder, "file/below"), ENOTDIR, "Not a directory");
	assert_int_equal(symlink("nothing", folder_path(folder, "link")), 0);
	assert_refused(folder_path(folder, "link"), ENOENT, "link to nothing");
	assert_refused("/dev/fd/987", EBADF, "no such open descriptor");
}

static void refuses_the_configuration(void **state)
{
	struct output_context context = {.metrics = NULL};
	struct output_file file;
	struct capture capture;
	char config[128];

	strcpy(config, folder_path(*state, "config"));
	context.config_path = config;
	for (int i = 0; i < 2; i++) {
		const char *path = folder_path(*state, i ? "link" : "config");

		write_file(config, "precious");
		assert_true(i == 0 || symlink("config", path) == 0);
		capture_begin(&capture);
		assert_int_equal(output_file_open(&file, path, false, &context), -EINVAL);
		capture_end_expecting(&capture, "configuration");
		assert_file(config, "precious");
	}
	assert_int_equal(output_file_open(&file, folder_path(*state, "other"), false, &context), 0);
	output_file_close(&file);
	context.config_path = "/dev/null";
	assert_int_equal(output_file_open(&file, "/dev/null", false, &context), 0);
	output_file_close(&file);
}

static void refuses_without_permission(void **state)
{
	struct folder *folder = *state;
	uid_t user = geteuid();

	write_file(folder_path(folder, "file"), "x");
	chmod(folder_path(folder, "file"), 0444);
	chmod(folder->path, 0555);
	if (user == 0)
		assert_int_equal(seteuid(NOBODY), 0);
	assert_refused(folder_path(folder, "file"), EACCES, "no permission to write");
	assert_refused(folder_path(folder, "new"), EACCES, "no permission to create");
	assert_int_equal(seteuid(user), 0);
	chmod(folder->path, 0755);
}

static void keeps_its_descriptors_from_the_command(void **state)
{
	struct output_file file;
	int saved[2] = {dup(STDIN_FILENO), dup(STDERR_FILENO)};

	/* One that the folder may take, and one that must not become the file. */
	close(STDIN_FILENO);
	close(STDERR_FILENO);
	open_for_replacing(&file, folder_path(*state, "new"));
	assert_true(file.fd > 2);
	assert_int_equal(fcntl(file.fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(file.place.folder, F_GETFD), FD_CLOEXEC);
	output_file_close(&file);
	open_for_replacing(&file, "/dev/stdout");
	assert_true(file.fd > 2);
	assert_int_equal(fcntl(file.fd, F_GETFD), FD_CLOEXEC);
	output_file_close(&file);
	dup2(saved[0], STDIN_FILENO);
	dup2(saved[1], STDERR_FILENO);
	close(saved[0]);
	close(saved[1]);
}

/* Writes eight bytes where only six have room. */
static void assert_cut(const char *path, bool append, const char *before, const char *expected)
{
	struct rlimit old, limit;
	struct output_file file;
	struct capture capture;

	if (before)
		write_file(path, before);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(output_file_open(&file, path, append, &no_context), 0);
	assert_int_equal(output_file_begin(&file), 0);
	capture_begin(&capture);
	limit = (struct rlimit){.rlim_cur = 6, .rlim_max = old.rlim_max};
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(put(&file, "ab.cdef."), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	signal(SIGXFSZ, SIG_DFL);
	capture_end_expecting(&capture, "File too large");
	output_file_close(&file);
	assert_file(path, expected);
}

static void cuts_a_record_that_did_not_fit(void **state)
{
	assert_cut(folder_path(*state, "new"), false, NULL, "ab.");
	assert_cut(folder_path(*state, "old"), false, "old content.", "ab.");
	assert_cut(folder_path(*state, "log"), true, "x.", "x.ab.");
	assert_cut(folder_path(*state, "whole"), true, "xyz.", "xyz.");
}

/* In a mount namespace of its own, for a file system that is really full. 0: as it should be. */
static int fill_small_tmpfs(const char *folder, const char *path)
{
	static char text[40000];
	struct output_file file, second;
	struct stat st;

	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", folder, "tmpfs", 0, "size=16k,nr_inodes=3") < 0)
		return 77;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 1000 == 999 ? '.' : 'x';
	if (output_file_open(&file, path, false, &no_context) < 0 || output_file_begin(&file) < 0)
		return 1;
	if (output_file_write(&file, text, sizeof(text), whole_records) != -ENOSPC)
		return 2;
	/* 16 384 bytes have room; of them 16 records are whole. */
	if (stat(path, &st) < 0 || st.st_size != 16000)
		return 3;
	output_file_close(&file);

	/* An empty file could not even take a header. */
	strcpy(text, path);
	strcat(text, "2");
	close(open(text, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	if (output_file_open(&second, text, false, &no_context) != -ENOSPC)
		return 4;
	/* One with a block gives it back: it may be replaced. */
	if (output_file_open(&second, path, false, &no_context) < 0)
		return 5;
	output_file_close(&second);
	return 0;
}

static void keeps_whole_records_on_a_full_disk(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_path(folder, "file");
	struct capture capture;
	int status;
	pid_t child;

	capture_begin(&capture);
	child = fork();
	if (child == 0)
		_exit(fill_small_tmpfs(folder->path, path));
	waitpid(child, &status, 0);
	free(capture_end(&capture));
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("SKIP: mounting a small tmpfs needs CAP_SYS_ADMIN\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(creates_a_file),
		IN_FOLDER(leaves_nothing_behind_that_never_began),
		IN_FOLDER(does_not_remove_what_took_the_place_of_its_file),
		IN_FOLDER(keeps_an_existing_file_until_the_beginning),
		IN_FOLDER(appends_without_emptying),
		IN_FOLDER(is_written_by_one_run_at_a_time),
		IN_FOLDER(writes_at_the_end_whatever_others_do),
		IN_FOLDER(two_runs_may_create_it_at_the_same_time),
		IN_FOLDER(refuses_what_cannot_be_a_file),
		IN_FOLDER(refuses_the_configuration),
		IN_FOLDER(refuses_without_permission),
		IN_FOLDER(keeps_its_descriptors_from_the_command),
		IN_FOLDER(cuts_a_record_that_did_not_fit),
		IN_FOLDER(keeps_whole_records_on_a_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
