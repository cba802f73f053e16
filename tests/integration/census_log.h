/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the census programs do and write down about it. Each line goes to the file in $CENSUS_LOG
 * with one write() in append mode, so that processes do not mix theirs:
 *
 *   born PID PPID COMM      a process was created; its name is the one it inherited
 *   exec PID COMM ARGS…     it is about to execute a program, and what it will be called then
 *   self PID NS             its own CPU clock, as late as it can read it
 *   dead PID STATUS NS      as its parent sees it: wait status, CPU clock of the zombie, final
 */
#ifndef TESTS_INTEGRATION_CENSUS_LOG_H
#define TESTS_INTEGRATION_CENSUS_LOG_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static inline _Noreturn void die(const char *what)
{
	perror(what);
	_exit(99);
}

__attribute__((format(printf, 1, 2))) static inline void note(const char *format, ...)
{
	const char *path = getenv("CENSUS_LOG");
	char line[8192];
	va_list args;
	int length, fd;

	if (!path)
		return;
	va_start(args, format);
	length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || write(fd, line, (size_t)length) != length)
		die("CENSUS_LOG");
	close(fd);
}

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec now = {0};

	if (clock_gettime(clock, &now) != 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline void sleep_us(long us)
{
	struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

	while (nanosleep(&time, &time) != 0 && errno == EINTR)
		;
}

/* Use the CPU for so long, by the thread's own clock. */
static inline void burn_us(uint64_t us)
{
	uint64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + us * 1000;

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

static inline void note_born(pid_t parent)
{
	char comm[17] = "";

	prctl(PR_GET_NAME, comm);
	note("born %d %d %s\n", (int)getpid(), (int)parent, comm);
}

static inline _Noreturn void finish(int status)
{
	note("self %d %" PRIu64 "\n", (int)getpid(), clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	_exit(status);
}

/* Run body in a fork, which ends as body says or with status 0. */
static inline pid_t make(void (*body)(long argument), long argument)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	note_born(parent);
	body(argument);
	finish(0);
}

/* Wait for a child, or for any with -1; false when there is none (any more). */
static inline bool reap(pid_t pid)
{
	siginfo_t info = {0};
	clockid_t clock;
	uint64_t ns = 0;
	int status;

	if (waitid(pid < 0 ? P_ALL : P_PID, pid < 0 ? 0 : (id_t)pid, &info, WEXITED | WNOWAIT) != 0)
		return false;
	/* It becomes a zombie before it leaves its CPU for the last time. */
	sleep_us(500);
	if (clock_getcpuclockid(info.si_pid, &clock) == 0)
		ns = clock_ns(clock);
	if (waitpid(info.si_pid, &status, 0) != info.si_pid)
		die("waitpid");
	note("dead %d %d %" PRIu64 "\n", (int)info.si_pid, status, ns);
	return true;
}

static inline void reap_all(void)
{
	while (reap(-1))
		;
}

/* Execute a link to this program that is called name; arguments end with NULL. */
static inline _Noreturn void become(const char *name, char *const *arguments)
{
	const char *dir = getenv("CENSUS_BIN");
	char path[4096], joined[4096] = "";
	char *argv[64] = {(char *)name};
	size_t n = 1, length = 0;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : ".", name);
	while (*arguments && n < 63)
		argv[n++] = *arguments++;
	for (size_t i = 0; i < n; i++)
		length +=
			(size_t)snprintf(joined + length, sizeof(joined) - length, " %s", argv[i]);
	note("exec %d %.15s%s\n", (int)getpid(), name, joined);
	execv(path, argv);
	die(path);
}

#endif
