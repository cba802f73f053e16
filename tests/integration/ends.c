/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Processes that live and end in known ways. Usage: ends SHAPE [NUMBER]. What is written about each
 * child of its own: ends_log.h.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

#include "ends_log.h"

#define MB (1024L * 1024)

static char **own_args;

static _Noreturn void run_self(const char *shape, const char *number)
{
	execl(own_args[0], own_args[0], shape, number, NULL);
	die("execl");
}

/* Use so much memory, each page of it. */
static void touch(long bytes)
{
	volatile char *memory = malloc((size_t)bytes);

	if (!memory)
		die("malloc");
	for (long i = 0; i < bytes; i += 1024)
		memory[i] = 1;
	free((void *)memory);
}

/* --- exit statuses ---------------------------------------------------------------------------- */

/* Each exit code, and between them signals. */
static void one_way_out(long i)
{
	static const int signals[] = {SIGKILL, SIGTERM, SIGSEGV, SIGUSR1, SIGABRT, 34, 64};
	const struct rlimit none = {0, 0};

	if (i % 4)
		_exit((int)(i & 0xff));
	setrlimit(RLIMIT_CORE, &none);
	signal(signals[i / 4 % 7], SIG_DFL);
	syscall(SYS_kill, getpid(), signals[i / 4 % 7]);
	for (;;)
		pause();
}

static void many(long n)
{
	for (long i = 0; i < n; i++)
		child(one_way_out, i);
}

static void dump_core(long number)
{
	const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	setrlimit(RLIMIT_CORE, &all);
	signal((int)number, SIG_DFL);
	raise((int)number);
}

static void core(long number)
{
	child(dump_core, SIGABRT);
	child(dump_core, SIGSEGV);
	child(dump_core, SIGTERM);
}

/* --- memory ----------------------------------------------------------------------------------- */

static void peak_then_small(long megabytes)
{
	touch(megabytes * MB);
	run_self("sleep-a-little", "0");
}

static void memory(long n)
{
	for (long i = 0; i < n; i++)
		child(touch, (1 + 7 * i) * MB);
	child(peak_then_small, 40);
}

/* Until somebody stops it. */
static void eat(long number)
{
	for (;;) {
		volatile char *memory = malloc(MB);

		for (long i = 0; memory && i < MB; i += 1024)
			memory[i] = 1;
	}
}

static void oom(long number)
{
	child(eat, 0);
}

/* --- input and output ------------------------------------------------------------------------- */

static void *write_null(void *bytes)
{
	char *data = calloc(1, (size_t)(uintptr_t)bytes);
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (!data || write(fd, data, (size_t)(uintptr_t)bytes) != (ssize_t)(uintptr_t)bytes)
		die("/dev/null");
	close(fd);
	free(data);
	return NULL;
}

static void do_io(long kilobytes)
{
	char name[] = "ends-io-XXXXXX", block[4096];
	int fd = mkstemp(name);
	pthread_t thread;

	memset(block, 'x', sizeof(block));
	for (long i = 0; i < kilobytes / 4; i++) {
		if (write(fd, block, sizeof(block)) != sizeof(block))
			die("write");
	}
	fsync(fd);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	lseek(fd, 0, SEEK_SET);
	while (read(fd, block, sizeof(block)) > 0)
		;
	close(fd);
	unlink(name);
	pthread_create(&thread, NULL, write_null, (void *)1000);
	pthread_join(thread, NULL);
	read_io();
}

static void io(long n)
{
	for (long i = 0; i < n; i++)
		child(do_io, 64 * i);
}

/* --- time ------------------------------------------------------------------------------------- */

static void burn(long ms)
{
	uint64_t end = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + (uint64_t)ms * 1000000;
	struct rusage usage;

	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < end) {
		for (int i = 0; i < 200; i++)
			syscall(SYS_getppid);
		for (volatile int i = 0; i < 20000; i++)
			;
		if (ms % 2) /* tells it while it goes on */
			getrusage(RUSAGE_SELF, &usage);
	}
}

static void times(long n)
{
	for (long i = 0; i < n; i++)
		child(burn, i % 10 ? i % 10 : 100 + i % 20);
}

static void wait_to_run(long ms)
{
	burn(ms);
	read_delay();
}

/* All on one CPU, so that they wait for each other. */
static void delay(long n)
{
	pid_t others[2];
	cpu_set_t one;
	int cpu = sched_getcpu();

	CPU_ZERO(&one);
	CPU_SET((size_t)cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		die("sched_setaffinity");
	for (int i = 0; i < 2; i++) {
		others[i] = fork();
		if (others[i] == 0) {
			for (;;)
				;
		}
	}
	for (long i = 0; i < n; i++)
		child(wait_to_run, 10);
	for (int i = 0; i < 2; i++) {
		kill(others[i], SIGKILL);
		waitpid(others[i], NULL, 0);
	}
}

/* --- threads ---------------------------------------------------------------------------------- */

static pthread_barrier_t barrier;

static void *together(void *argument)
{
	write_null(argument);
	pthread_barrier_wait(&barrier);
	return NULL;
}

/* So many threads end at once; the leader is one of them. */
static void end_together(long n)
{
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, (unsigned int)n);
	for (long i = 1; i < n; i++)
		pthread_create(&thread, NULL, together, (void *)100);
	together((void *)100);
	if (n % 2)
		pthread_exit(NULL);
	_exit(5);
}

static void *outlive(void *argument)
{
	sleep_us(2000);
	write_null((void *)300);
	touch(20 * MB);
	exit(7);
}

static void leader_first(long number)
{
	pthread_t thread;

	pthread_create(&thread, NULL, outlive, NULL);
	pthread_exit(NULL);
}

static void *exec_it(void *argument)
{
	write_null((void *)500);
	run_self("sleep-a-little", "9");
}

static void exec_in_thread(long number)
{
	pthread_t thread;

	write_null((void *)700);
	pthread_create(&thread, NULL, exec_it, NULL);
	pause();
}

static void threads(long n)
{
	for (long i = 0; i < n; i++)
		child(end_together, 64 + i % 2);
	child(leader_first, 0);
	child(exec_in_thread, 0);
}

/* --- names ------------------------------------------------------------------------------------ */

static void rename_itself(long number)
{
	prctl(PR_SET_NAME, "first-name");
	prctl(PR_SET_NAME, "last-name");
}

static void rename_and_stay(long number)
{
	prctl(PR_SET_NAME, "stays");
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	touch(30 * MB);
	kill(getppid(), SIGUSR1);
	for (;;)
		pause();
}

static void on_signal(int number)
{
}

static void names(long number)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGUSR1, &action, NULL);
	child(rename_itself, 0);
	if (fork() == 0)
		rename_and_stay(0);
	sigwaitinfo(&set, NULL);
}

static void sleep_a_little(long status)
{
	sleep_us(1000);
	exit((int)status);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(long number);
	} shapes[] = {
		{"many", many},
		{"memory", memory},
		{"io", io},
		{"times", times},
		{"delay", delay},
		{"threads", threads},
		{"names", names},
		{"core", core},
		{"oom", oom},
		{"sleep-a-little", sleep_a_little},
	};

	own_args = argv;
	share_last_words();
	if (argc < 2) {
		fputs("ends SHAPE [NUMBER]\n", stderr);
		return 99;
	}
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (strcmp(argv[1], shapes[i].name) == 0) {
			shapes[i].run(argc > 2 ? atol(argv[2]) : 0);
			return 0;
		}
	}
	fprintf(stderr, "no such shape: %s\n", argv[1]);
	return 99;
}
