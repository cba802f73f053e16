/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/program_loads.h"

#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * If the stack is the C library's, it gives the pages back when the thread ends, while the calling
 * thread maps memory: both then wait for the same lock, a tenth of a millisecond. The address
 * sanitizer needs the larger part.
 */
#define STACK_BYTES (256 * 1024)

static void wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore) && errno == EINTR)
		;
}

int program_load_one(struct program_load *load)
{
	load->fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load->attr, load->size);
	if (load->fd < 0)
		load->fd = -errno;
	return load->fd < 0 ? load->fd : 0;
}

static void attach(struct program_load *load)
{
	union bpf_attr attr = {
		.raw_tracepoint = {.name = (__u64)load->tracepoint, .prog_fd = (__u32)load->fd}};
	long fd = syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &attr, sizeof(attr));

	load->link_fd = fd < 0 ? 0 : (int)fd;
}

static void do_loads(struct program_loads *team)
{
	for (;;) {
		size_t i = __atomic_fetch_add(&team->next, 1, __ATOMIC_RELAXED);
		struct program_load *load = &team->loads[i];
		int err;

		if (i >= team->n)
			return;
		err = program_load_one(load);
		sem_post(&team->is_loaded);
		if (err || !load->tracepoint)
			continue;
		wait_for(&team->is_prepared);
		sem_post(&team->is_prepared);
		attach(load);
	}
}

static void *help(void *data)
{
	struct program_loads *team = data;

	if (team->first)
		team->first(team->data);
	wait_for(&team->is_given);
	do_loads(team);
	return NULL;
}

static bool has_second_cpu(void)
{
	cpu_set_t cpus;

	/* Also false if there are more CPUs than the set has room for. */
	return sched_getaffinity(0, sizeof(cpus), &cpus) || CPU_COUNT(&cpus) > 1;
}

/* Start a thread. Returns its stack, or NULL if it cannot be started. */
static void *start(pthread_t *thread, void *(*function)(void *data), void *data)
{
	pthread_attr_t attr;
	void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	int err;

	if (stack == MAP_FAILED)
		return NULL;
	pthread_attr_init(&attr);
	err = pthread_attr_setstack(&attr, stack, STACK_BYTES);
	if (!err)
		err = pthread_create(thread, &attr, function, data);
	pthread_attr_destroy(&attr);
	if (!err)
		return stack;
	munmap(stack, STACK_BYTES);
	return NULL;
}

/* stack: of start(). */
static void join(pthread_t thread, void *stack)
{
	if (!stack)
		return;
	pthread_join(thread, NULL);
	munmap(stack, STACK_BYTES);
}

bool program_loads_begin(struct program_loads *team, void (*first)(void *data), void *data)
{
	*team = (struct program_loads){.is_begun = true, .first = first, .data = data};
	sem_init(&team->is_loaded, 0, 0);
	sem_init(&team->is_prepared, 0, 0);
	sem_init(&team->is_given, 0, 0);
	if (has_second_cpu())
		team->stack = start(&team->helper, help, team);
	return team->stack;
}

static void *prepare(void *data)
{
	struct program_loads *team = data;

	team->prepare();
	sem_post(&team->is_prepared);
	return NULL;
}

void program_loads_prepare(struct program_loads *team, void (*function)(void))
{
	team->prepare = function;
	if (team->stack)
		team->preparer_stack = start(&team->preparer, prepare, team);
	if (!team->preparer_stack)
		prepare(team);
}

int program_loads_run(struct program_loads *team, struct program_load *loads, size_t n)
{
	int err = 0;

	team->loads = loads;
	team->n = n;
	sem_post(&team->is_given);
	do_loads(team);
	for (size_t i = 0; i < n; i++)
		wait_for(&team->is_loaded);
	for (size_t i = 0; i < n; i++)
		err = loads[i].fd < 0 ? loads[i].fd : err;
	return err;
}

void program_loads_end(struct program_loads *team)
{
	if (!team->is_begun)
		return;
	join(team->helper, team->stack);
	join(team->preparer, team->preparer_stack);
	sem_destroy(&team->is_prepared);
	sem_destroy(&team->is_given);
	sem_destroy(&team->is_loaded);
	*team = (struct program_loads){.is_begun = false};
}
