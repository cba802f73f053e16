/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fails every allocation of a resolution once, the first, the second and so on: each must come back
 * as an error or not matter, and leave nothing behind.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>

#include "unit/event_support.h"

#include "sources/perf/event_resolve.h"

#if !defined(__SANITIZE_ADDRESS__)

/* Counted while armed; the chosen one fails. */
static struct {
	bool armed;
	long n, failing, alive;
} allocations;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *memory);

static bool fails(void)
{
	if (!allocations.armed || allocations.n++ != allocations.failing)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	if (fails())
		return NULL;
	allocations.alive += allocations.armed;
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	if (fails())
		return NULL;
	allocations.alive += allocations.armed;
	return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	if (fails())
		return NULL;
	allocations.alive += allocations.armed && !old;
	return __libc_realloc(old, size);
}

void free(void *memory)
{
	allocations.alive -= allocations.armed && memory;
	__libc_free(memory);
}

static int open_all(void *data, const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return 1;
}

static int open_software(void *data, const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return attr->type == PERF_TYPE_SOFTWARE ? 1 : -ENOENT;
}

static void close_all(void *data, int fd)
{
}

static void set_up(struct machine *machine)
{
	machine_new(machine);
	machine_write(machine, "sys/devices/system/cpu/online", "0-7\n");
	machine_pmu(machine, "cpu_core", "type", "4\n");
	machine_pmu(machine, "cpu_core", "cpus", "0-3\n");
	machine_pmu(machine, "cpu_core", "format/event", "config:0-7\n");
	machine_pmu(machine, "cpu_core", "events/slots", "event=0x00,umask=?\n");
	machine_pmu(machine, "cpu_core", "events/mem-loads", "event=0xcd\n");
	machine_pmu(machine, "cpu_atom", "type", "10\n");
	machine_pmu(machine, "cpu_atom", "cpus", "4-7\n");
}

/* Returns how many allocations there are. */
static long fail_each(const struct event_request *request, const struct event_prober *prober,
                      int expected)
{
	struct event_list list = {0};
	struct said said;
	int err;

	for (allocations.failing = 0;; allocations.failing++) {
		said_begin(&said);
		allocations.n = allocations.alive = 0;
		allocations.armed = true;
		err = events_resolve_with(request, prober, &list);
		events_free(&list);
		allocations.armed = false;
		said_end(&said);
		assert_int_equal(allocations.alive, 0);
		if (allocations.n <= allocations.failing)
			break;
		/* Those of stdio's buffers and of messages do not matter. */
		if (err != expected && err != -ENOMEM)
			fail_msg("allocation %ld: %d, %s", allocations.failing, err, said.text);
	}
	assert_int_equal(err, expected);
	return allocations.n;
}

static long fail_each_of_text(const char *text, const char *root, int expected)
{
	const struct event_prober prober = {.open = open_all, .close = close_all};
	struct setting_item item = {.text = (char *)text};
	const struct setting_list events = {.items = &item, .n = 1, .is_set = true};
	const struct event_request request = {.events = &events, .sysroot = root};

	return fail_each(&request, &prober, expected);
}

static void survives_each_failing_allocation(void **state)
{
	const struct event_prober prober = {.open = open_software, .close = close_all};
	const struct event_request defaults = {0};
	struct event_request request = defaults;
	struct machine machine;

	set_up(&machine);
	request.sysroot = machine.root;
	assert_true(fail_each_of_text("{cycles,instructions:k}:u,cycles:k,r1a2,mem-loads,cs,"
	                              "cpu_core/mem-loads,name=x/,page-faults",
	                              machine.root, 0) > 50);
	assert_true(fail_each(&request, &prober, 0) > 50);
	assert_true(fail_each_of_text("cpu_core/nonsense/", machine.root, -EINVAL) > 10);
	assert_true(fail_each_of_text("cpu_cor/x/", machine.root, -ENOENT) > 10);
	assert_true(fail_each_of_text("cpu_core/slots/", machine.root, -EINVAL) > 10);
	machine_free(&machine);
}

#else

/* The sanitizer has its own malloc(). */
static void survives_each_failing_allocation(void **state)
{
	print_message("skipped: with the address sanitizer malloc() cannot be replaced\n");
	skip();
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survives_each_failing_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
