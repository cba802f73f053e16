/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/side_thread.h"

#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>

/*
 * A stack of the C library's would be 8 MiB, whose pages it gives back when the thread ends, while
 * the main thread may map memory: both would wait for the same lock, a tenth of a millisecond.
 */
#define STACK_BYTES (256 * 1024)

/* At the start of the stack, which grows towards it. */
struct work {
	void (*function)(void *data);
	void *data;
};

static void *run(void *data)
{
	const struct work *work = data;

	work->function(work->data);
	return NULL;
}

static bool has_second_cpu(void)
{
	cpu_set_t cpus;

	/* Also false if there are more CPUs than the set has room for. */
	return sched_getaffinity(0, sizeof(cpus), &cpus) || CPU_COUNT(&cpus) > 1;
}

static int create(struct side_thread *side, void *stack)
{
	pthread_attr_t attr;
	int err;

	pthread_attr_init(&attr);
	err = pthread_attr_setstack(&attr, stack, STACK_BYTES);
	if (!err)
		err = pthread_create(&side->thread, &attr, run, stack);
	pthread_attr_destroy(&attr);
	return err;
}

bool side_thread_start(struct side_thread *side, void (*function)(void *data), void *data)
{
	struct work *work;

	side->stack = NULL;
	if (!has_second_cpu())
		return false;
	work = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
	            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (work == MAP_FAILED)
		return false;
	*work = (struct work){.function = function, .data = data};
	if (create(side, work))
		munmap(work, STACK_BYTES);
	else
		side->stack = work;
	return side->stack;
}

void side_thread_join(struct side_thread *side)
{
	if (!side->stack)
		return;
	pthread_join(side->thread, NULL);
	munmap(side->stack, STACK_BYTES);
	side->stack = NULL;
}
