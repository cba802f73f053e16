/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Programs of known length, without a C library: a million rounds of a loop of two instructions for
 * each argument, and little else. What else there is, from the first instruction to the last, is
 * less than 32 instructions for a process or thread.
 *
 *   loop run X…           the loop in this process
 *   loop tree N X…        N children, one after the other started, each with the loop
 *   loop threads X…       one thread on each of two CPUs, each with the loop, one after the other
 */
#include <linux/sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#define ROUNDS 1000000UL
#define STACK_SIZE 16384

/* sched.h of the C library is no use without it. */
#define SIGCHLD 17

#if defined(__aarch64__)

static long call(long number, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;

	__asm__ volatile("svc 0"
	                 : "+r"(x0)
	                 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
	                 : "memory", "cc");
	return x0;
}

/* Two instructions each round. */
static void loop(unsigned long rounds)
{
	__asm__ volatile("1: subs %0, %0, #1\n"
	                 "   b.ne 1b\n"
	                 : "+r"(rounds)
	                 :
	                 : "cc");
}

__asm__(".globl _start\n"
        "_start: mov x0, sp\n"
        "        bl begin\n");

#else
#error "loop.c is written for arm64, the one with an emulated PMU"
#endif

static _Noreturn void leave(int status)
{
	for (;;)
		call(SYS_exit_group, status, 0, 0, 0, 0);
}

static void must(long result)
{
	if (result < 0)
		leave(99);
}

static long number(const char *text)
{
	long n = 0;

	while (*text)
		n = 10 * n + (*text++ - '0');
	return n;
}

static void tree(long n, unsigned long rounds)
{
	for (long i = 0; i < n; i++) {
		long pid = call(SYS_clone, SIGCHLD, 0, 0, 0, 0);

		must(pid);
		if (pid == 0) {
			loop(rounds);
			leave(0);
		}
	}
	for (long i = 0; i < n; i++)
		must(call(SYS_wait4, -1, 0, 0, 0, 0));
}

/*
 * Threads, each on a CPU of its own. The counter of QEMU counts what all CPUs execute while its own
 * is in user space, so only one of them may be running: the kernel clears tid at a thread's end and
 * wakes who waits for that.
 */
static char stacks[2][STACK_SIZE] __attribute__((aligned(16)));

static long start_thread(char *stack, int *tid, unsigned long cpu, unsigned long rounds)
{
	long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
	             CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
	register long x8 __asm__("x8") = SYS_clone;
	register long x0 __asm__("x0") = flags;
	register long x1 __asm__("x1") = (long)(stack + STACK_SIZE);
	register long x2 __asm__("x2") = (long)tid;
	register long x3 __asm__("x3") = 0;
	register long x4 __asm__("x4") = (long)tid;
	register long cpu_mask __asm__("x19") = 1L << cpu;
	register long length __asm__("x20") = (long)rounds;

	/* The child has another stack: all of it in registers, the mask by way of its stack. */
	__asm__ volatile(
		"svc 0\n"
		"cbnz x0, 2f\n"
		"str x19, [sp, #-16]!\n"
		"mov x0, #0\n"
		"mov x1, #8\n"
		"mov x2, sp\n"
		"mov x8, %[setaffinity]\n"
		"svc 0\n"
		"1: subs x20, x20, #1\n"
		"b.ne 1b\n"
		"mov x0, #0\n"
		"mov x8, %[exit]\n"
		"svc 0\n"
		"2:\n"
		: "+r"(x0), "+r"(x8), "+r"(x1), "+r"(x2)
		: "r"(x3), "r"(x4), "r"(cpu_mask),
		  "r"(length), [setaffinity] "i"(SYS_sched_setaffinity), [exit] "i"(SYS_exit)
		: "memory", "cc");
	return x0;
}

static void threads(unsigned long rounds)
{
	static volatile int tid;

	for (unsigned long cpu = 0; cpu < 2; cpu++) {
		int now;

		must(start_thread(stacks[cpu], (int *)&tid, cpu, rounds));
		while ((now = tid) != 0)
			call(SYS_futex, (long)&tid, 0 /* FUTEX_WAIT */, now, 0, 0);
	}
}

/* stack: argc, argv… as the kernel leaves them. */
__attribute__((used)) void begin(long *stack)
{
	long argc = stack[0];
	char **argv = (char **)(stack + 1);

	if (argc >= 2 && argv[1][0] == 'r')
		loop((unsigned long)(argc - 2) * ROUNDS);
	else if (argc >= 3 && argv[1][0] == 't' && argv[1][1] == 'r')
		tree(number(argv[2]), (unsigned long)(argc - 3) * ROUNDS);
	else if (argc >= 2 && argv[1][0] == 't')
		threads((unsigned long)(argc - 2) * ROUNDS);
	else
		leave(2);
	leave(0);
}
