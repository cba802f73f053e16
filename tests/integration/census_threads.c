/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Processes with threads that begin and end in every order, each in a child of its own, logged as
 * census_log.h says. Usage: census_threads SHAPE [NUMBER].
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "census_log.h"

static pthread_t start(void *(*body)(void *), void *argument)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, body, argument);

	if (err != 0) {
		errno = err;
		die("pthread_create");
	}
	return thread;
}

static void *burn_thread(void *us)
{
	burn_us((uint64_t)(uintptr_t)us);
	return NULL;
}

/* One short thread after another. */
static void serial(long n)
{
	for (long i = 0; i < n; i++)
		pthread_join(start(burn_thread, (void *)50), NULL);
}

/* All at once. */
static void parallel(long n)
{
	pthread_t *threads = calloc((size_t)n, sizeof(*threads));

	if (!threads)
		die("calloc");
	for (long i = 0; i < n; i++)
		threads[i] = start(burn_thread, (void *)2000);
	for (long i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}

static atomic_long left;

static void *last_one_notes(void *us)
{
	burn_us((uint64_t)(uintptr_t)us);
	if (atomic_fetch_sub(&left, 1) == 1)
		note("self %d %" PRIu64 "\n", (int)getpid(), clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	return NULL;
}

/* The leader leaves first; the threads live longer than it. */
static void leader_exits(long n)
{
	atomic_store(&left, n);
	for (long i = 0; i < n; i++)
		start(last_one_notes, (void *)(uintptr_t)(20000 + i * 5000));
	pthread_exit(NULL);
}

static void *exec_thread(void *unused)
{
	char *arguments[] = {"leaf", "8", NULL};

	burn_us(3000);
	become("census-leaf", arguments);
}

/* A thread that is not the leader executes a program; others are computing then. */
static void thread_execs(long n)
{
	for (long i = 0; i < n; i++)
		start(burn_thread, (void *)60000000);
	burn_us(2000);
	start(exec_thread, NULL);
	burn_us(60000000);
}

/* The same after the leader is gone. */
static void thread_execs_without_leader(long n)
{
	for (long i = 0; i < n; i++)
		start(burn_thread, (void *)60000000);
	start(exec_thread, NULL);
	pthread_exit(NULL);
}

static void *group_exit_thread(void *unused)
{
	burn_us(5000);
	finish(7);
}

/* exit_group() from a thread while the others compute. */
static void group_exit(long n)
{
	for (long i = 0; i < n; i++)
		start(burn_thread, (void *)60000000);
	start(group_exit_thread, NULL);
	burn_us(60000000);
}

static void *fork_thread(void *unused)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0) {
		note_born(parent);
		burn_us(1000);
		finish(0);
	}
	reap(pid);
	return NULL;
}

/* Children created by threads that are not the leader. */
static void threads_fork(long n)
{
	for (long i = 0; i < n; i++)
		pthread_join(start(fork_thread, NULL), NULL);
}

static void *vfork_thread(void *unused)
{
	pid_t parent = getpid();
	pid_t pid = vfork();

	if (pid == 0) {
		char *arguments[] = {"leaf", "9", NULL};

		note_born(parent);
		become("census-leaf", arguments);
	}
	reap(pid);
	return NULL;
}

/* A thread waits in vfork() while the others go on. */
static void threads_vfork(long n)
{
	pthread_t other = start(burn_thread, (void *)20000);

	for (long i = 0; i < n; i++)
		pthread_join(start(vfork_thread, NULL), NULL);
	pthread_join(other, NULL);
}

/* Two threads that leave at the same moment, again and again: who is last? */
static void *end_at_barrier(void *barrier)
{
	pthread_barrier_wait(barrier);
	syscall(SYS_exit, 0);
	return NULL;
}

static void exit_together(long n)
{
	pthread_barrier_t *barrier = malloc(sizeof(*barrier));

	pthread_barrier_init(barrier, NULL, (unsigned)n + 1);
	for (long i = 0; i < n; i++)
		start(end_at_barrier, barrier);
	pthread_barrier_wait(barrier);
	syscall(SYS_exit, 0);
}

/* Threads that rename themselves: the process keeps the leader's name. */
static void *rename_thread(void *unused)
{
	prctl(PR_SET_NAME, "a-thread");
	burn_us(1000);
	return NULL;
}

static void threads_rename(long n)
{
	for (long i = 0; i < n; i++)
		pthread_join(start(rename_thread, NULL), NULL);
}

static const struct {
	const char *name;
	void (*run)(long n);
	long n; /* default */
	long times;
} SHAPES[] = {
	{"serial", serial, 500, 1},
	{"parallel", parallel, 64, 1},
	{"leader_exits", leader_exits, 3, 2},
	{"thread_execs", thread_execs, 2, 5},
	{"thread_execs_without_leader", thread_execs_without_leader, 2, 5},
	{"group_exit", group_exit, 3, 3},
	{"threads_fork", threads_fork, 5, 1},
	{"threads_vfork", threads_vfork, 5, 1},
	{"exit_together", exit_together, 3, 100},
	{"threads_rename", threads_rename, 3, 1},
};

int main(int argc, char **argv)
{
	const char *shape = argc > 1 ? argv[1] : "";

	for (size_t i = 0; i < sizeof(SHAPES) / sizeof(*SHAPES); i++) {
		if (strcmp(shape, SHAPES[i].name) != 0)
			continue;
		for (long time = 0; time < SHAPES[i].times; time++)
			reap(make(SHAPES[i].run, argc > 2 ? atol(argv[2]) : SHAPES[i].n));
		finish(0);
	}
	fprintf(stderr, "census_threads: no shape '%s'; there are:", shape);
	for (size_t i = 0; i < sizeof(SHAPES) / sizeof(*SHAPES); i++)
		fprintf(stderr, " %s", SHAPES[i].name);
	fprintf(stderr, "\n");
	return 2;
}
