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
#include "unit/failing_allocations.h"

#include "sources/perf/events/event_resolve.h"

static int open_all(void *data, const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return 1;
}

static int open_software(void *data, const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return attr->type == PERF_TYPE_SOFTWARE ? 1 : -ENOENT;
}

static void close_all(void *data, int fd, const struct perf_event_attr *attr)
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

/* There are more allocations than at_least; without a failure the result is the expected one. */
static void fail_each(const struct event_request *request, const struct event_prober *prober,
                      int expected, long at_least)
{
	struct event_list list = {0};
	struct said said;
	int err;

	for (long failing = 0;; failing++) {
		said_begin(&said);
		allocations_begin(failing);
		err = events_resolve_with(request, prober, &list);
		events_free(&list);
		allocations_end();
		said_end(&said);
		assert_int_equal(allocations.alive, 0);
		if (allocations.n <= failing)
			break;
		/* Those of stdio's buffers and of messages do not matter. */
		if (err != expected && err != -ENOMEM)
			fail_msg("allocation %ld: %d, %s", failing, err, said.text);
	}
	assert_int_equal(err, expected);
	assert_true(allocations.n == 0 || allocations.n > at_least);
}

static void fail_each_of_text(const char *text, const char *root, int expected, long at_least)
{
	const struct event_prober prober = {.open = open_all, .close = close_all};
	struct setting_item item = {.text = (char *)text};
	const struct setting_list events = {.items = &item, .n = 1, .is_set = true};
	const struct event_request request = {.events = &events, .sysroot = root};

	fail_each(&request, &prober, expected, at_least);
}

static void survives_each_failing_allocation(void **state)
{
	const struct event_prober prober = {.open = open_software, .close = close_all};
	const struct event_request defaults = {0};
	struct event_request request = defaults;
	struct machine machine;

	set_up(&machine);
	request.sysroot = machine.root;
	fail_each_of_text("{cycles,instructions:k}:u,cycles:k,r1a2,mem-loads,cs,"
	                  "cpu_core/mem-loads,name=x/,page-faults",
	                  machine.root, 0, 50);
	fail_each(&request, &prober, 0, 50);
	fail_each_of_text("cpu_core/nonsense/", machine.root, -EINVAL, 10);
	fail_each_of_text("cpu_cor/x/", machine.root, -ENOENT, 10);
	fail_each_of_text("cpu_core/slots/", machine.root, -EINVAL, 10);
	machine_free(&machine);
	if (!allocations_are_ours())
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survives_each_failing_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
