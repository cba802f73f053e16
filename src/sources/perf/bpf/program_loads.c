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
	program_loads_prepare(team);
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

static void free_stack(struct program_loads *team)
{
	if (team->stack)
		munmap(team->stack, STACK_BYTES);
	team->stack = NULL;
}

static void start_helper(struct program_loads *team)
{
	pthread_attr_t attr;
	void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

	if (stack == MAP_FAILED)
		return;
	team->stack = stack;
	pthread_attr_init(&attr);
	if (pthread_attr_setstack(&attr, stack, STACK_BYTES) ||
	    pthread_create(&team->helper, &attr, help, team))
		free_stack(team);
	pthread_attr_destroy(&attr);
}

bool program_loads_begin(struct program_loads *team, void (*prepare)(void),
                         void (*first)(void *data), void *data)
{
	*team = (struct program_loads){.prepare = prepare, .first = first, .data = data};
	sem_init(&team->is_loaded, 0, 0);
	sem_init(&team->is_prepared, 0, 0);
	sem_init(&team->is_given, 0, 0);
	if (has_second_cpu())
		start_helper(team);
	if (!team->stack)
		program_loads_prepare(team);
	return team->stack;
}

void program_loads_prepare(struct program_loads *team)
{
	if (__atomic_exchange_n(&team->is_preparing, true, __ATOMIC_RELAXED))
		return;
	team->prepare();
	sem_post(&team->is_prepared);
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
	if (!team->prepare)
		return;
	if (team->stack)
		pthread_join(team->helper, NULL);
	free_stack(team);
	sem_destroy(&team->is_prepared);
	sem_destroy(&team->is_given);
	sem_destroy(&team->is_loaded);
	*team = (struct program_loads){.prepare = NULL};
}
