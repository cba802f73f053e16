/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A program that does a known amount of work and then goes on to another: what the tests install
 * with set-user-ID, capabilities and the like.
 *
 * usage: credentials PAGES MILLISECONDS [STEP... PROGRAM ARGUMENT...]
 * Touches PAGES new pages, computes for MILLISECONDS of CPU time, and tells on standard output
 * "PID PAGES FAULTS": faults as getrusage() has them. Then the steps:
 *   drop     become the real user and group for good
 *   replace  execute PROGRAM in this process; without it a child does, and is waited for
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(99);
}

static void touch(size_t pages)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	volatile char *memory = mmap(NULL, (pages + 1) * page, PROT_READ | PROT_WRITE,
	                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	madvise((void *)memory, (pages + 1) * page, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < pages; i++)
		memory[i * page] = 1;
}

static long cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void compute(long ms)
{
	long end = cpu_ms() + ms;

	while (ms && cpu_ms() < end)
		;
}

static void drop(void)
{
	if (setresgid(getgid(), getgid(), getgid()) || setresuid(getuid(), getuid(), getuid()))
		die("drop");
}

static void tell(const char *pages)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf("%d %s %ld\n", getpid(), pages, usage.ru_minflt + usage.ru_majflt);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	bool replace = false;
	int status = 0;
	pid_t child;

	if (argc < 3)
		return 2;
	touch(strtoul(argv[1], NULL, 10));
	compute(atol(argv[2]));
	tell(argv[1]);
	for (argv += 3; *argv; argv++) {
		if (strcmp(*argv, "drop") == 0)
			drop();
		else if (strcmp(*argv, "replace") == 0)
			replace = true;
		else
			break;
	}
	if (!*argv)
		return 0;
	child = replace ? 0 : fork();
	if (child == 0) {
		execv(*argv, argv);
		die(*argv);
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}
