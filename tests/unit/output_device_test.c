/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Output to what is no ordinary file: devices, fifos, pipes and open descriptors. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>

#include "unit/output_file_support.h"

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

/* Until the child sleeps in the kernel, in open() that is; 20 s at most, when its alarm ends it. */
static void wait_until_asleep(pid_t child)
{
	char path[32], state = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)child);
	while (state != 'S' && state != 'Z') {
		FILE *file = fopen(path, "re");

		assert_non_null(file);
		assert_int_equal(fscanf(file, "%*d (%*[^)]) %c", &state), 1);
		fclose(file);
	}
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
		_exit(output_file_open(&file, path, false, &no_context) != 0);
	}
	wait_until_asleep(child);
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

/* The agent's own are close-on-exec, and none of them was meant. */
static void refuses_descriptors_of_the_agent(void **state)
{
	int fd = open(folder_path(*state, "log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	char name[32];

	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	assert_refused(name, EBADF, "no such open descriptor");
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	assert_refused(name, EBADF, "no such open descriptor");
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
	assert_int_equal(output_file_write(&file, text, 300000, whole_records), 300000);
	output_file_close(&file);
	close(pipes[1]);
	pthread_join(thread, NULL);
	assert_int_equal(reader.n, 300000);
	close(pipes[0]);
	free(text);
}

/* What a run does that has something else to do: it does not wait. data: the result then. */
static int do_not_wait(void *data, int fd)
{
	struct pollfd writable = {.fd = fd, .events = POLLOUT};

	return poll(&writable, 1, 0) > 0 ? 0 : *(int *)data;
}

static void comes_back_when_it_must_not_wait(void **state)
{
	int result = -EAGAIN;
	const struct output_context context = {.wait = do_not_wait, .data = &result};
	char *text = malloc(300000), *read_back = malloc(300000);
	struct output_file file;
	struct capture capture;
	int pipes[2], size;
	char name[32];

	memset(text, '.', 300000);
	assert_int_equal(pipe(pipes), 0);
	size = fcntl(pipes[1], F_GETPIPE_SZ);
	snprintf(name, sizeof(name), "/dev/fd/%d", pipes[1]);
	assert_int_equal(output_file_open(&file, name, false, &context), 0);
	/* The flag would be set for whoever else writes to it. */
	assert_false(fcntl(pipes[1], F_GETFL) & O_NONBLOCK);
	alarm(20);
	assert_int_equal(output_file_write(&file, text, 300000, whole_records), size);
	assert_int_equal(output_file_write(&file, text, 300000, whole_records), 0);
	assert_int_equal(read(pipes[0], read_back, 300000), size);
	assert_int_equal(output_file_write(&file, text, 300000, whole_records), size);
	alarm(0);

	result = -EINTR;
	capture_begin(&capture);
	assert_int_equal(output_file_write(&file, text, 300000, whole_records), -EINTR);
	capture_end_expecting(&capture, "asked to end");
	output_file_close(&file);
	close(pipes[0]);
	close(pipes[1]);
	free(read_back);
	free(text);
}

/* As one in which Ctrl-S was pressed: by its name, and as a descriptor that a shell has too. */
static void does_not_wait_for_a_terminal_either(void **state)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), result = -EAGAIN, slave;
	const struct output_context context = {.wait = do_not_wait, .data = &result};
	char *text = malloc(300000), names[2][32];
	struct output_file file;

	if (terminal < 0 || grantpt(terminal) < 0 || unlockpt(terminal) < 0) {
		print_message("SKIP: making a terminal: %s\n", strerror(errno));
		free(text);
		skip();
	}
	snprintf(names[0], sizeof(names[0]), "%s", ptsname(terminal));
	slave = open(names[0], O_RDWR | O_NOCTTY);
	snprintf(names[1], sizeof(names[1]), "/dev/fd/%d", slave);
	memset(text, '.', 300000);
	alarm(20);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(output_file_open(&file, names[i], false, &context), 0);
		assert_in_range(output_file_write(&file, text, 300000, whole_records), 1, 299999);
		output_file_close(&file);
		assert_int_equal(tcflush(slave, TCIOFLUSH), 0);
	}
	alarm(0);
	assert_false(fcntl(slave, F_GETFL) & O_NONBLOCK);
	close(slave);
	close(terminal);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(writes_to_a_device),
		IN_FOLDER(says_once_that_a_device_is_full),
		IN_FOLDER(writes_to_a_fifo),
		IN_FOLDER(can_be_ended_while_nobody_reads_the_fifo),
		IN_FOLDER(means_the_descriptor_itself_by_dev_fd),
		IN_FOLDER(refuses_descriptors_of_the_agent),
		IN_FOLDER(refuses_block_devices_and_sockets),
		IN_FOLDER(says_once_that_a_pipe_is_closed),
		IN_FOLDER(waits_for_a_pipe_that_does_not_block),
		IN_FOLDER(comes_back_when_it_must_not_wait),
		IN_FOLDER(does_not_wait_for_a_terminal_either),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
