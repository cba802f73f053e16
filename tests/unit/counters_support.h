/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A machine that is made up: its CPUs, perf_event_open() and the side of the BPF programs are
 * replaced here.
 */
#ifndef TESTS_UNIT_COUNTERS_SUPPORT_H
#define TESTS_UNIT_COUNTERS_SUPPORT_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "linux/cpu_list.h"
#include "sources/perf/counters.h"
#include "unit/messages.h"

#define OPENED_MAX 20000

struct opened {
	uint64_t config;
	int cpu, group_fd, fd;
	bool is_pinned;
	unsigned long flags;
	int counter; /* that it was handed over as; -1: was not */
};

static struct {
	char online[4096];
	int online_err;
	int open_errno; /* of perf_event_open() on failing_cpu */
	int set_err;    /* of kernel_set_event() */
	uint32_t failing_cpu;
	struct opened opened[OPENED_MAX];
	size_t n;
	uint32_t cleared[64]; /* CPUs whose last readings were forgotten */
	size_t n_cleared;
	uint32_t accounted[OPENED_MAX];
	size_t n_accounted;
	uint32_t absent[64]; /* as kernel_set_absent() was told */
	uint32_t idle_cpu;   /* plus 1: no task of the tree runs there */
} machine;

/* perf_event_open() is the only system call that the subject makes this way. */
long syscall(long number, ...)
{
	const struct perf_event_attr *attr;
	struct opened *opened = &machine.opened[machine.n];
	va_list arguments;

	assert_int_equal(number, SYS_perf_event_open);
	assert_true(machine.n < OPENED_MAX);
	va_start(arguments, number);
	attr = va_arg(arguments, const struct perf_event_attr *);
	assert_int_equal(va_arg(arguments, int), -1);
	opened->config = attr->config;
	opened->is_pinned = attr->pinned;
	opened->cpu = va_arg(arguments, int);
	opened->group_fd = va_arg(arguments, int);
	opened->flags = (unsigned long)va_arg(arguments, int);
	opened->counter = -1;
	va_end(arguments);
	if (machine.open_errno && (uint32_t)opened->cpu == machine.failing_cpu) {
		errno = machine.open_errno;
		return -1;
	}
	opened->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(opened->fd >= 0);
	machine.n++;
	return opened->fd;
}

int kernel_set_event(struct kernel *kernel, uint32_t cpu, uint32_t counter, int perf_fd)
{
	struct opened *opened = &machine.opened[machine.n - 1];

	if (machine.set_err)
		return machine.set_err;
	assert_int_equal(opened->fd, perf_fd);
	assert_int_equal(opened->cpu, cpu);
	opened->counter = (int)counter;
	return 0;
}

void kernel_set_absent(struct kernel *kernel, uint32_t cpu, uint32_t mask)
{
	if (cpu < 64)
		machine.absent[cpu] = mask;
}

void kernel_clear_base(struct kernel *kernel, uint32_t cpu)
{
	if (machine.n_cleared < 64)
		machine.cleared[machine.n_cleared++] = cpu;
}

int kernel_account_running(struct kernel *kernel, uint32_t cpu)
{
	machine.accounted[machine.n_accounted++] = cpu;
	return 0;
}

bool kernel_may_run(const struct kernel *kernel, uint32_t cpu)
{
	return cpu + 1 != machine.idle_cpu;
}

/* The rest of cpu_list.c is as it is; this one would read this machine's CPUs. */
#define cpu_list_read cpu_list_read_this_machine
#include "linux/cpu_list.c"
#undef cpu_list_read

int cpu_list_read(int folder, const char *path, struct cpu_list *list)
{
	assert_string_equal(path, "/sys/devices/system/cpu/online");
	*list = (struct cpu_list){0};
	return machine.online_err ? machine.online_err : cpu_list_parse(machine.online, list);
}

static struct event_instance plain = {.attr = {.config = 1}};

#define EVENT(list, n, in_group)                                                                   \
	{                                                                                          \
		.text = (char *)#list, .instances = list, .n_instances = n, .group = in_group      \
	}

static inline int make(void **state)
{
	memset(&machine, 0, sizeof(machine));
	return 0;
}

static inline struct counters *open_all(const struct event_list *list, const char *online)
{
	struct counters *counters;

	strcpy(machine.online, online);
	assert_int_equal(counters_open(list, NULL, &counters), 0);
	return counters;
}

static inline const struct opened *find(uint64_t config, int cpu)
{
	const struct opened *found = NULL;

	for (size_t i = 0; i < machine.n; i++) {
		if (machine.opened[i].config == config && machine.opened[i].cpu == cpu)
			found = &machine.opened[i];
	}
	return found;
}

/* Refreshes; returns the result, and whether something was said. */
static inline int refresh(struct counters *counters, bool *said)
{
	struct messages messages;
	int result;

	messages_catch(&messages, STDERR_FILENO);
	result = counters_refresh(counters);
	*said = *messages_text(&messages) != '\0';
	return result;
}

#endif
