/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is watched while it runs already. Usage: watched SHAPE LOG NUMBER. Each process logs itself,
 * one line with one write(): "born PID CREATOR NS" once it runs, "dead PID NS" right before its
 * _exit(); NS is CLOCK_MONOTONIC.
 *
 *   storm N         N processes as fast as possible, from several that fork at the same time, some
 *                   from a thread, some that leave children behind. The root is their subreaper.
 *                   SIGUSR1 to it ends the storm early.
 *   orphans N       the same without a subreaper: what is left behind is init's
 *   left N          N processes that create one each and end a moment later; the children that they
 *                   leave behind live until the root ends
 *   threads N       N threads, one after another and side by side, in one process that lives on
 *   stopped N       computes for N ms each in 4 processes with 2 threads, once SIGUSR1 comes
 *   sleepers N      N processes that sleep until their parent ends
 *   now 0           nothing
 */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "census_log.h"

#define FORKERS 4

static int log_fd;
static volatile bool *is_over; /* shared with all */

static void say(const char *what, pid_t creator)
{
	char line[128];
	int length;

	if (creator)
		length = snprintf(line, sizeof(line), "%s %d %d %" PRIu64 "\n", what, (int)getpid(),
		                  (int)creator, clock_ns(CLOCK_MONOTONIC));
	else
		length = snprintf(line, sizeof(line), "%s %d %" PRIu64 "\n", what, (int)getpid(),
		                  clock_ns(CLOCK_MONOTONIC));
	if (write(log_fd, line, (size_t)length) != length)
		die("log");
}

static _Noreturn void leave(void)
{
	say("dead", 0);
	_exit(0);
}

/* Creates one process that does nothing, and does not wait for it. */
static void fork_one(void)
{
	pid_t creator = getpid(), pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		say("born", creator);
		leave();
	}
}

static void *fork_in_thread(void *unused)
{
	fork_one();
	return unused;
}

/* One process that may create another before it ends: as a child, or from a thread. */
static void fork_some(long i)
{
	pid_t creator = getpid(), pid = fork();
	pthread_t thread;

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return;
	say("born", creator);
	if (i % 3 == 1)
		fork_one();
	if (i % 3 == 2) {
		if (pthread_create(&thread, NULL, fork_in_thread, NULL))
			die("pthread_create");
		pthread_join(thread, NULL);
	}
	leave();
}

static void reap_ready(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void forker(long n)
{
	/* Two of three make one more. */
	for (long i = 0; i < n * 3 / 5 && !*is_over; i++) {
		fork_some(i);
		reap_ready();
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static void shape_orphans(long n)
{
	for (int i = 0; i < FORKERS; i++) {
		pid_t creator = getpid(), pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0) {
			say("born", creator);
			forker(n / FORKERS);
			leave();
		}
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static void end_storm(int signal)
{
	(void)signal;
	*is_over = true;
}

static void shape_storm(long n)
{
	struct sigaction action = {.sa_handler = end_storm, .sa_flags = SA_RESTART};

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) || sigaction(SIGUSR1, &action, NULL))
		die("prctl");
	shape_orphans(n);
}

/* Creates one that lives until nobody can write into the pipe, and ends some ms later. */
static _Noreturn void leave_one(int pipe_fd, long i)
{
	const struct timespec moment = {.tv_nsec = i % 8 * 500000};
	pid_t creator = getpid(), pid = fork();
	char byte;

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		say("born", creator);
		while (read(pipe_fd, &byte, 1) > 0)
			;
		_exit(0);
	}
	nanosleep(&moment, NULL);
	leave();
}

static void shape_left(long n)
{
	int pipe_fds[2];

	if (pipe(pipe_fds))
		die("pipe");
	for (long i = 0; i < n; i++) {
		pid_t creator = getpid(), pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0) {
			close(pipe_fds[1]);
			say("born", creator);
			leave_one(pipe_fds[0], i);
		}
		reap_ready();
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static void shape_now(long n)
{
	(void)n;
}

static void *burn_thread(void *us)
{
	burn_us((uint64_t)(long)us);
	return NULL;
}

static void shape_threads(long n)
{
	pthread_t threads[8];

	for (long i = 0; i < n; i += 8) {
		for (int j = 0; j < 8; j++) {
			if (pthread_create(&threads[j], NULL, burn_thread, (void *)200L))
				die("pthread_create");
		}
		for (int j = 0; j < 8; j++)
			pthread_join(threads[j], NULL);
	}
}

static void compute(long ms)
{
	static volatile char memory[1 << 20];
	pthread_t thread;

	if (pthread_create(&thread, NULL, burn_thread, (void *)(ms * 1000)))
		die("pthread_create");
	burn_us((uint64_t)ms * 1000);
	for (size_t i = 0; i < sizeof(memory); i += 4096)
		memory[i] = 1;
	pthread_join(thread, NULL);
}

static void shape_stopped(long ms)
{
	sigset_t set;
	int signal;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < 3; i++) {
		pid_t creator = getpid(), pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0) {
			say("born", creator);
			sigwait(&set, &signal);
			compute(ms);
			leave();
		}
	}
	sigwait(&set, &signal);
	compute(ms);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static void shape_sleepers(long n)
{
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pause();
			_exit(0);
		}
	}
	say("ready", 0);
	pause();
}

static const struct {
	const char *name;
	void (*run)(long n);
} SHAPES[] = {
	{"storm", shape_storm},     {"orphans", shape_orphans},   {"threads", shape_threads},
	{"stopped", shape_stopped}, {"sleepers", shape_sleepers}, {"left", shape_left},
	{"now", shape_now},
};

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: watched SHAPE LOG NUMBER\n");
		return 2;
	}
	is_over = mmap(NULL, sizeof(*is_over), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	               -1, 0);
	if (is_over == MAP_FAILED)
		die("mmap");
	log_fd = open(argv[2], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (log_fd < 0)
		die(argv[2]);
	say("born", getppid());
	for (size_t i = 0; i < sizeof(SHAPES) / sizeof(*SHAPES); i++) {
		if (strcmp(argv[1], SHAPES[i].name) != 0)
			continue;
		SHAPES[i].run(atol(argv[3]));
		leave();
	}
	fprintf(stderr, "watched: no shape '%s'\n", argv[1]);
	return 2;
}
