/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a process reads of itself before its end, and its parent afterwards. For each child one line
 * goes to the file in $CENSUS_LOG:
 *
 *   end PID STATUS MAXRSS_KB USER_US SYSTEM_US INBLOCK OUBLOCK NVCSW NIVCSW | what it read last
 *
 * The first part is what wait4() said; the second what the child itself read just before its end:
 * rchar, wchar, read_bytes, write_bytes of /proc/self/io, with the bytes that this very reading
 * adds; run_delay of /proc/self/schedstat, and CLOCK_REALTIME then; 0 for what it did not read.
 */
#ifndef TESTS_INTEGRATION_ENDS_LOG_H
#define TESTS_INTEGRATION_ENDS_LOG_H

#include <sys/mman.h>
#include <sys/resource.h>

#include "census_log.h"

/* What a child tells its parent without a system call. */
struct last_words {
	unsigned long long rchar, wchar, read_bytes, write_bytes, run_delay, now_ns;
};

static struct last_words *words;

static inline void share_last_words(void)
{
	words = mmap(NULL, sizeof(*words), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	             0);
	if (words == MAP_FAILED)
		die("mmap");
}

static inline ssize_t read_own(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);

	if (length < 0)
		die(path);
	text[length] = '\0';
	close(fd);
	return length;
}

static inline void read_io(void)
{
	char text[512], discarded[32];
	ssize_t length = read_own("/proc/self/io", text, sizeof(text));

	if (sscanf(text,
	           "rchar: %llu wchar: %llu %31s %*u %*s %*u read_bytes: %llu write_bytes: %llu",
	           &words->rchar, &words->wchar, discarded, &words->read_bytes,
	           &words->write_bytes) != 5)
		die("/proc/self/io");
	words->rchar += (unsigned long long)length;
}

static inline void read_delay(void)
{
	char text[128];

	words->now_ns = clock_ns(CLOCK_REALTIME); /* not after: it may have to wait in between */
	read_own("/proc/self/schedstat", text, sizeof(text));
	if (sscanf(text, "%*u %llu", &words->run_delay) != 1)
		die("/proc/self/schedstat");
}

static inline void wait_for(pid_t pid)
{
	struct rusage usage;
	int status;

	if (wait4(pid, &status, 0, &usage) != pid)
		die("wait4");
	note("end %d %d %ld %lld %lld %ld %ld %ld %ld | %llu %llu %llu %llu %llu %llu\n", (int)pid,
	     status, usage.ru_maxrss,
	     (long long)usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec,
	     (long long)usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec, usage.ru_inblock,
	     usage.ru_oublock, usage.ru_nvcsw, usage.ru_nivcsw, words->rchar, words->wchar,
	     words->read_bytes, words->write_bytes, words->run_delay, words->now_ns);
}

/* A child that does this, to its end. */
static inline void child(void (*body)(long number), long number)
{
	pid_t pid;

	memset(words, 0, sizeof(*words));
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		body(number);
		_exit(0);
	}
	wait_for(pid);
}

#endif
