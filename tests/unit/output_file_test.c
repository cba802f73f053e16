/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "outputs/output_file.h"
#include "unit/output_support.h"

#define NOBODY 65534

static int make_folder(void **state)
{
	*state = malloc(sizeof(struct folder));
	folder_make(*state);
	return 0;
}

static int remove_folder(void **state)
{
	folder_remove(*state);
	free(*state);
	return 0;
}

/* Records of these tests end in a full stop. */
static size_t whole_records(const char *data, size_t n)
{
	while (n > 0 && data[n - 1] != '.')
		n--;
	return n;
}

static int put(struct output_file *file, const char *text)
{
	return output_file_write(file, text, strlen(text), whole_records);
}

static void open_for_replacing(struct output_file *file, const char *path)
{
	assert_int_equal(output_file_open(file, path, false), 0);
}

static void assert_refused(const char *path, int error, const char *words)
{
	struct output_file file;
	struct capture capture;

	capture_begin(&capture);
	assert_int_equal(output_file_open(&file, path, false), -error);
	capture_end_expecting(&capture, words);
	assert_int_equal(file.fd, -1);
	output_file_close(&file);
}

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
	assert_int_equal(output_file_open(&file, path, true), 0);
	assert_int_equal(output_file_begin(&file), 0);
	assert_int_equal(put(&file, "second."), 0);
	output_file_close(&file);
	assert_file(path, "first.second.");
}

static void refuses_what_cannot_be_a_file(void **state)
{
	struct folder *folder = *state;

	assert_refused(folder->path, EISDIR, "it is a folder");
	assert_refused(folder_path(folder, ""), EISDIR, "it is a folder");
	assert_refused("", ENOENT, "no file name");
	assert_refused(folder_path(folder, "no/such"), ENOENT, "mkdir -p");
	write_file(folder_path(folder, "file"), "");
	assert_refused(folder_path(folder, "file/below"), ENOTDIR, "Not a directory");
	assert_int_equal(symlink("nothing", folder_path(folder, "link")), 0);
	assert_refused(folder_path(folder, "link"), ENOENT, "link to nothing");
	assert_refused("/dev/fd/987", EBADF, "no such open descriptor");
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

static void follows_only_trusted_links_in_a_shared_folder(void **state)
{
	struct folder *folder = *state;
	char target[128];
	struct output_file file;

	if (geteuid() != 0) {
		print_message("SKIP: giving a link to another user needs root\n");
		skip();
	}
	strcpy(target, folder_path(folder, "target"));
	write_file(target, "precious");
	assert_int_equal(symlink(target, folder_path(folder, "link")), 0);
	assert_int_equal(lchown(folder_path(folder, "link"), NOBODY, NOBODY), 0);

	open_for_replacing(&file, folder_path(folder, "link"));
	output_file_close(&file);
	chmod(folder->path, 01777);
	assert_refused(folder_path(folder, "link"), EACCES, "symbolic link that somebody else");
	assert_file(target, "precious");

	assert_int_equal(lchown(folder_path(folder, "link"), 0, 0), 0);
	open_for_replacing(&file, folder_path(folder, "link"));
	assert_int_equal(output_file_begin(&file), 0);
	assert_int_equal(put(&file, "new."), 0);
	output_file_close(&file);
	assert_file(target, "new.");
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
	assert_int_equal(fcntl(file.folder, F_GETFD), FD_CLOEXEC);
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

static void writes_to_a_device(void **state)
{
	struct output_file file;

	open_for_replacing(&file, "/dev/null");
	assert_int_equal(output_file_begin(&file), 0);
	assert_int_equal(put(&file, "gone."), 0);
	assert_int_equal(output_file_finish(&file), 0);
	output_file_close(&file);
	assert_int_equal(access("/dev/null", W_OK), 0);
}

static void says_once_that_a_device_is_full(void **state)
{
	struct output_file file;
	struct capture capture;

	open_for_replacing(&file, "/dev/full");
	assert_int_equal(output_file_begin(&file), 0);
	capture_begin(&capture);
	assert_int_equal(put(&file, "gone."), -ENOSPC);
	output_file_close(&file);
	capture_end_expecting(&capture, "No space left");
}

static void *read_fifo(void *path)
{
	return read_file(path, NULL);
}

static void writes_to_a_fifo(void **state)
{
	const char *path = folder_path(*state, "fifo");
	struct output_file file;
	pthread_t reader;
	void *text;

	assert_int_equal(mkfifo(path, 0600), 0);
	pthread_create(&reader, NULL, read_fifo, (void *)path);
	open_for_replacing(&file, path);
	assert_int_equal(output_file_begin(&file), 0);
	assert_int_equal(put(&file, "through."), 0);
	output_file_close(&file);
	pthread_join(reader, &text);
	assert_string_equal(text, "through.");
	free(text);
}

static void can_be_ended_while_nobody_reads_the_fifo(void **state)
{
	const char *path = folder_path(*state, "fifo");
	struct output_file file;
	sigset_t blocked;
	int status;
	pid_t child;

	assert_int_equal(mkfifo(path, 0600), 0);
	child = fork();
	if (child == 0) {
		alarm(20);
		sigfillset(&blocked);
		sigdelset(&blocked, SIGALRM);
		sigprocmask(SIG_SETMASK, &blocked, NULL);
		_exit(output_file_open(&file, path, false) != 0);
	}
	usleep(20000);
	kill(child, SIGTERM);
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void means_the_descriptor_itself_by_dev_fd(void **state)
{
	const char *path = folder_path(*state, "log");
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	struct output_file file;
	char name[32];

	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	assert_int_equal(write(fd, "before.", 7), 7);
	open_for_replacing(&file, name);
	assert_int_equal(output_file_begin(&file), 0);
	assert_int_equal(put(&file, "rows."), 0);
	assert_int_equal(write(fd, "behind.", 7), 7);
	output_file_close(&file);
	assert_file(path, "before.rows.behind.");
	close(fd);
	fd = open(path, O_RDONLY);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	assert_refused(name, EBADF, "reading only");
	close(fd);
}

static void refuses_block_devices_and_sockets(void **state)
{
	const char *path = folder_path(*state, "disk");
	struct output_file file;
	int pair[2];
	char name[32];

	/* A socket that was given is fine; only a name of one cannot be opened. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", pair[0]);
	open_for_replacing(&file, name);
	assert_int_equal(put(&file, "x."), 0);
	output_file_close(&file);
	close(pair[0]);
	close(pair[1]);

	if (mknod(path, S_IFBLK | 0600, 0) < 0) {
		print_message("SKIP: making a block device: %s\n", strerror(errno));
		skip();
	}
	assert_refused(path, EINVAL, "block device");
}

static void says_once_that_a_pipe_is_closed(void **state)
{
	struct output_file file;
	struct capture capture;
	char name[32];
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", pipes[1]);
	open_for_replacing(&file, name);
	close(pipes[0]);
	signal(SIGPIPE, SIG_IGN);
	capture_begin(&capture);
	assert_int_equal(put(&file, "x."), -EPIPE);
	output_file_close(&file);
	capture_end_expecting(&capture, "closed the pipe");
	signal(SIGPIPE, SIG_DFL);
	close(pipes[1]);
}

struct slow_reader {
	int fd;
	size_t n;
};

static void *read_slowly(void *data)
{
	struct slow_reader *reader = data;
	char block[1000];
	ssize_t got;

	while ((got = read(reader->fd, block, sizeof(block))) > 0) {
		reader->n += (size_t)got;
		usleep(100);
	}
	return NULL;
}

static void waits_for_a_pipe_that_does_not_block(void **state)
{
	struct slow_reader reader = {.n = 0};
	char *text = malloc(300000);
	struct output_file file;
	pthread_t thread;
	char name[32];
	int pipes[2];

	memset(text, '.', 300000);
	assert_int_equal(pipe2(pipes, O_NONBLOCK), 0);
	fcntl(pipes[0], F_SETFL, 0);
	reader.fd = pipes[0];
	pthread_create(&thread, NULL, read_slowly, &reader);
	snprintf(name, sizeof(name), "/dev/fd/%d", pipes[1]);
	open_for_replacing(&file, name);
	assert_int_equal(output_file_write(&file, text, 300000, whole_records), 0);
	output_file_close(&file);
	close(pipes[1]);
	pthread_join(thread, NULL);
	assert_int_equal(reader.n, 300000);
	close(pipes[0]);
	free(text);
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
	assert_int_equal(output_file_open(&file, path, append), 0);
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
	if (output_file_open(&file, path, false) < 0 || output_file_begin(&file) < 0)
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
	if (output_file_open(&second, text, false) != -ENOSPC)
		return 4;
	/* One with a block gives it back: it may be replaced. */
	if (output_file_open(&second, path, false) < 0)
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
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		IN_FOLDER(creates_a_file),
		IN_FOLDER(leaves_nothing_behind_that_never_began),
		IN_FOLDER(does_not_remove_what_took_the_place_of_its_file),
		IN_FOLDER(keeps_an_existing_file_until_the_beginning),
		IN_FOLDER(appends_without_emptying),
		IN_FOLDER(refuses_what_cannot_be_a_file),
		IN_FOLDER(refuses_without_permission),
		IN_FOLDER(follows_only_trusted_links_in_a_shared_folder),
		IN_FOLDER(keeps_its_descriptors_from_the_command),
		IN_FOLDER(writes_to_a_device),
		IN_FOLDER(says_once_that_a_device_is_full),
		IN_FOLDER(writes_to_a_fifo),
		IN_FOLDER(can_be_ended_while_nobody_reads_the_fifo),
		IN_FOLDER(means_the_descriptor_itself_by_dev_fd),
		IN_FOLDER(refuses_block_devices_and_sockets),
		IN_FOLDER(says_once_that_a_pipe_is_closed),
		IN_FOLDER(waits_for_a_pipe_that_does_not_block),
		IN_FOLDER(cuts_a_record_that_did_not_fit),
		IN_FOLDER(keeps_whole_records_on_a_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
