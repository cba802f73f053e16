/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Builds trees of processes whose shape is known and logs each of them; census_log.h has the log's
 * lines. Usage: census SHAPE [NUMBER|NAME…]. $CENSUS_BIN is a folder with links to this program.
 */
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "census_log.h"

extern char **environ;

static void burn(long us)
{
	burn_us((uint64_t)us);
}

static void leave(long status)
{
	finish((int)status);
}

static void shape_leaf(long status)
{
	burn_us(1000);
	finish((int)status);
}

/* One after another, with every exit status. */
static void shape_fork(long n)
{
	for (long i = 0; i < n; i++)
		reap(make(leave, i % 256));
}

/* As fast as possible: nothing but forks that end at once, reaped in batches. */
static void shape_storm(long n)
{
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0)
			die("fork");
		if (waitpid(pid, NULL, 0) != pid)
			die("waitpid");
	}
}

/* In a function of its own: the child uses its frame while the parent waits. */
__attribute__((noinline)) static pid_t vfork_leaf(pid_t parent, bool executes)
{
	char *arguments[] = {"leaf", "3", NULL};
	pid_t pid = vfork();

	if (pid == 0) {
		note_born(parent);
		if (!executes)
			_exit(4);
		become("census-leaf", arguments);
	}
	return pid;
}

static void shape_vfork(long n)
{
	for (long i = 0; i < n; i++)
		reap(vfork_leaf(getpid(), i % 2 == 0));
}

static void shape_spawn(long n)
{
	const char *dir = getenv("CENSUS_BIN");
	char path[4096], comm[17] = "";
	char *argv[] = {"census-leaf", "leaf", "5", NULL};

	prctl(PR_GET_NAME, comm);
	snprintf(path, sizeof(path), "%s/census-leaf", dir ? dir : ".");
	for (long i = 0; i < n; i++) {
		pid_t pid;

		if (posix_spawn(&pid, path, NULL, NULL, argv, environ) != 0)
			die(path);
		/* Its side of the spawn is the C library's: it cannot say so itself. */
		note("born %d %d %s\n", (int)pid, (int)getpid(), comm);
		note("exec %d census-leaf census-leaf leaf 5\n", (int)pid);
		reap(pid);
	}
}

static void clone_sibling(long us)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT, 0, 0, 0, 0);

	if (pid < 0)
		die("clone");
	if (pid == 0) {
		note_born(getppid());
		burn_us((uint64_t)us);
		finish(6);
	}
}

/* Children of this process that one of its children created. */
static void shape_clone_parent(long n)
{
	for (long i = 0; i < n; i++) {
		reap(make(clone_sibling, 500));
		reap_all();
	}
}

/* A child of whoever started this process. */
static void shape_clone_to_agent(long us)
{
	clone_sibling(us);
	sleep_us(50000);
}

static void daemon_body(long fd)
{
	char end = 'e';

	setsid();
	burn_us(2000);
	sleep_us(20000);
	burn_us(2000);
	if (write((int)fd, &end, 1) != 1)
		die("daemon");
}

static void start_daemon(long fd)
{
	make(daemon_body, fd);
	finish(0);
}

static void shape_daemon(long n)
{
	for (long i = 0; i < n; i++) {
		int fds[2];
		char byte;

		if (pipe2(fds, O_CLOEXEC) != 0)
			die("pipe");
		reap(make(start_daemon, fds[1]));
		close(fds[1]);
		while (read(fds[0], &byte, 1) > 0)
			;
		close(fds[0]);
	}
	sleep_us(5000);
}

static void shape_deep(long n)
{
	if (n > 1)
		reap(make(shape_deep, n - 1));
	burn_us(200);
}

static void wait_for_end(long fd)
{
	char byte;

	while (read((int)fd, &byte, 1) > 0)
		;
	burn_us(100);
}

/* All alive at the same time. */
static void shape_wide(long n)
{
	int fds[2];
	pid_t *pids = calloc((size_t)n, sizeof(*pids));

	if (!pids || pipe(fds) != 0)
		die("wide");
	for (long i = 0; i < n; i++) {
		pid_t parent = getpid();

		pids[i] = fork();
		if (pids[i] == 0) {
			close(fds[1]);
			note_born(parent);
			wait_for_end(fds[0]);
			finish(0);
		}
	}
	close(fds[1]);
	for (long i = 0; i < n; i++)
		reap(pids[i]);
	free(pids);
}

static void die_by(long signal)
{
	struct rlimit no_core = {0, 0};

	setrlimit(RLIMIT_CORE, &no_core);
	burn_us(500);
	if (signal == SIGSEGV)
		*(volatile int *)(uintptr_t)(getpid() & 7) = 1;
	if (signal == SIGABRT)
		abort();
	raise((int)signal);
	pause();
}

static void shape_killed(long unused)
{
	static const int signals[] = {SIGKILL, SIGTERM, SIGSEGV, SIGABRT, SIGUSR1, SIGXCPU};

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		reap(make(die_by, signals[i]));
}

/* It is in the log by now: whoever reads the pipe may kill it. */
static void burn_and_say_so(long pipe_end)
{
	if (write((int)pipe_end, "", 1) != 1)
		die("write");
	burn_us(60000000);
}

/* Killed by somebody else while it computes. */
static void shape_kill_running(long n)
{
	int ends[2];
	char byte;

	if (pipe(ends))
		die("pipe");
	for (long i = 0; i < n; i++) {
		pid_t pid = make(burn_and_say_so, ends[1]);

		if (read(ends[0], &byte, 1) != 1)
			die("read");
		sleep_us(20000);
		kill(pid, SIGKILL);
		reap(pid);
	}
}

static void exec_chain(long n)
{
	char *arguments[] = {"chain",    "census-b", "census-c", "a-very-long-name-of-a-program",
	                     "census-d", NULL};

	become("census-a", arguments);
}

static void shape_chains(long n)
{
	for (long i = 0; i < n; i++)
		reap(make(exec_chain, 0));
}

static void shape_chain(char **names)
{
	char *arguments[64] = {"chain"};
	size_t n = 1;

	burn_us(300);
	if (!names[0])
		finish(0);
	for (char **name = names + 1; *name && n < 63; name++)
		arguments[n++] = *name;
	become(names[0], arguments);
}

/* A process that unmaps a lot as it ends: most of its time is its end. */
static void map_much(long mib)
{
	size_t size = (size_t)mib << 20;
	char *memory = malloc(size);

	if (!memory)
		die("malloc");
	for (size_t i = 0; i < size; i += 4096)
		memory[i] = 1;
}

static void shape_teardown(long mib)
{
	reap(make(map_much, mib));
}

/* Sleeps most of the time, and computes all the time: for rows at each interval. */
static void shape_busy(long ms)
{
	pid_t pid = make(burn, ms * 1000);
	pid_t idle = make((void (*)(long))sleep_us, ms * 1000);

	reap(pid);
	reap(idle);
}

static const struct {
	const char *name;
	void (*run)(long n);
	long n; /* default */
} SHAPES[] = {
	{"leaf", shape_leaf, 0},
	{"fork", shape_fork, 260},
	{"storm", shape_storm, 1000},
	{"vfork", shape_vfork, 20},
	{"spawn", shape_spawn, 20},
	{"clone_parent", shape_clone_parent, 10},
	{"clone_to_agent", shape_clone_to_agent, 1000},
	{"daemon", shape_daemon, 3},
	{"deep", shape_deep, 40},
	{"wide", shape_wide, 300},
	{"killed", shape_killed, 0},
	{"kill_running", shape_kill_running, 2},
	{"chains", shape_chains, 3},
	{"teardown", shape_teardown, 256},
	{"busy", shape_busy, 500},
};

int main(int argc, char **argv)
{
	const char *shape = argc > 1 ? argv[1] : "";

	if (strcmp(shape, "chain") == 0)
		shape_chain(argv + 2);
	for (size_t i = 0; i < sizeof(SHAPES) / sizeof(*SHAPES); i++) {
		if (strcmp(shape, SHAPES[i].name) != 0)
			continue;
		SHAPES[i].run(argc > 2 ? atol(argv[2]) : SHAPES[i].n);
		finish(0);
	}
	fprintf(stderr, "census: no shape '%s'; there are:", shape);
	for (size_t i = 0; i < sizeof(SHAPES) / sizeof(*SHAPES); i++)
		fprintf(stderr, " %s", SHAPES[i].name);
	fprintf(stderr, " chain\n");
	return 2;
}
