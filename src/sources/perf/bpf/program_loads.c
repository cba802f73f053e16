/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/program_loads.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

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

static void help(void *data)
{
	struct program_loads *team = data;

	if (team->first)
		team->first(team->data);
	wait_for(&team->is_given);
	do_loads(team);
}

bool program_loads_begin(struct program_loads *team, void (*first)(void *data), void *data)
{
	*team = (struct program_loads){.is_begun = true, .first = first, .data = data};
	sem_init(&team->is_loaded, 0, 0);
	sem_init(&team->is_prepared, 0, 0);
	sem_init(&team->is_given, 0, 0);
	return side_thread_start(&team->helper, help, team);
}

static void prepare(void *data)
{
	struct program_loads *team = data;

	team->prepare();
	sem_post(&team->is_prepared);
}

void program_loads_prepare(struct program_loads *team, void (*function)(void))
{
	team->prepare = function;
	if (!side_thread_start(&team->preparer, prepare, team))
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
	side_thread_join(&team->helper);
	side_thread_join(&team->preparer);
	sem_destroy(&team->is_prepared);
	sem_destroy(&team->is_given);
	sem_destroy(&team->is_loaded);
	*team = (struct program_loads){.is_begun = false};
}
