/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "unit/event_support.h"

#include "sources/perf/events/event_catalog.h"
#include "sources/perf/fields.h"

/* A kernel without hardware counters, but for one PMU's event. */
static int play_open(void *data, const struct perf_event_attr *attr, int cpu, int group_fd)
{
	if (attr->type == PERF_TYPE_SOFTWARE)
		return 1;
	return attr->type == 9 && attr->config == 0x2 ? 1 : -ENOENT;
}

static void play_close(void *data, int fd, const struct perf_event_attr *attr)
{
}

static const struct event_prober prober = {.open = play_open, .close = play_close};

struct seen {
	size_t n[EVENT_OF_PMU + 1], good[EVENT_OF_PMU + 1];
	char pmu_events[256];
	int stop_after;
};

static int see(void *data, const struct event_entry *entry)
{
	struct seen *seen = data;

	seen->n[entry->kind]++;
	seen->good[entry->kind] += entry->err == 0;
	if (entry->kind == EVENT_OF_PMU) {
		strcat(seen->pmu_events, entry->name);
		strcat(seen->pmu_events, entry->err ? " not " : " good ");
	}
	return seen->stop_after > 0 && --seen->stop_after == 0 ? 77 : 0;
}

static int n_named_fields(void)
{
	int n = 0;

	for (uint32_t i = 0; i < FIELDS_N; i++)
		n += process_fields[i].name != NULL;
	return n;
}

static void tells_of_each_event_whether_it_opens(void **state)
{
	struct machine machine;
	struct seen seen = {0};
	struct said said;

	machine_new(&machine);
	machine_write(&machine, "sys/devices/system/cpu/online", "0\n");
	machine_pmu(&machine, "msr", "type", "9\n");
	machine_pmu(&machine, "msr", "format/event", "config:0-63\n");
	machine_pmu(&machine, "msr", "events/aperf", "event=0x1\n");
	machine_pmu(&machine, "msr", "events/mperf", "event=0x2\n");
	machine_pmu(&machine, "msr", "events/open", "event=?\n");
	machine_pmu(&machine, "power", "type", "10\n");
	machine_pmu(&machine, "power", "cpumask", "1\n");
	machine_pmu(&machine, "power", "events/energy-pkg", "event=0x2\n");

	said_begin(&said);
	assert_int_equal(event_catalog(machine.root, &prober, see, &seen), 0);
	said_end(&said);
	assert_string_equal(said.text, "");
	assert_int_equal(seen.n[EVENT_HARDWARE], 10);
	assert_int_equal(seen.good[EVENT_HARDWARE], 0);
	assert_int_equal(seen.n[EVENT_SOFTWARE], 10);
	assert_int_equal(seen.good[EVENT_SOFTWARE], 10);
	assert_int_equal(seen.n[EVENT_OF_PROCESS], n_named_fields());
	assert_true(seen.good[EVENT_OF_PROCESS] >= 4);
	assert_int_equal(seen.n[EVENT_CACHE], 42);
	assert_string_equal(seen.pmu_events, "msr/aperf/ not msr/mperf/ good ");
	machine_free(&machine);
}

static void stops_when_the_visitor_says_so(void **state)
{
	struct machine machine;
	struct seen seen = {.stop_after = 3};

	machine_new(&machine);
	machine_write(&machine, "sys/devices/system/cpu/online", "0\n");
	assert_int_equal(event_catalog(machine.root, &prober, see, &seen), 77);
	assert_int_equal(seen.n[EVENT_HARDWARE], 3);
	machine_free(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_of_each_event_whether_it_opens),
		cmocka_unit_test(stops_when_the_visitor_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
