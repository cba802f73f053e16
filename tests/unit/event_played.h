/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Machines laid out in a folder, kernels that are played, and events resolved there. */
#ifndef TESTS_UNIT_EVENT_PLAYED_H
#define TESTS_UNIT_EVENT_PLAYED_H

#include <errno.h>
#include <stdbool.h>

#include "unit/event_support.h"

#include "sources/perf/events/event_resolve.h"

#define HARDWARE 0
#define SOFTWARE 1
#define CACHE 3
#define RAW 4

/* A kernel: what it refuses. Descriptors are numbers; all that are given out come back. */
struct kernel {
	int (*refuses)(const struct perf_event_attr *attr, int cpu, int group_fd);
	int n_open, n_opened, n_group;
};

static inline int play_open(void *data, const struct perf_event_attr *attr, int cpu, int group_fd)
{
	struct kernel *kernel = data;
	int err = kernel->refuses ? kernel->refuses(attr, cpu, group_fd) : 0;

	assert_int_equal(attr->size, sizeof(*attr));
	assert_int_equal(attr->inherit, 0);
	assert_int_equal(attr->sample_period, 0);
	assert_int_equal(attr->read_format, 3); /* both times, PERF_FORMAT_TOTAL_TIME_* */
	if (group_fd < 0)
		kernel->n_group = 0;
	if (err)
		return err;
	kernel->n_open++;
	kernel->n_group++;
	return ++kernel->n_opened;
}

static inline void play_close(void *data, int fd, const struct perf_event_attr *attr)
{
	((struct kernel *)data)->n_open--;
}

static struct machine machine;
static struct event_list list;

static inline int set_up(void **state)
{
	machine_new(&machine);
	machine_write(&machine, "sys/devices/system/cpu/online", "0-7\n");
	machine_write(&machine, "proc/sys/kernel/perf_event_paranoid", "2\n");
	return 0;
}

static inline int tear_down(void **state)
{
	events_free(&list);
	machine_free(&machine);
	return 0;
}

static inline int set_up_cpu(void **state)
{
	set_up(state);
	machine_pmu(&machine, "cpu", "type", "4\n");
	machine_pmu(&machine, "cpu", "format/event", "config:0-7\n");
	machine_pmu(&machine, "cpu", "format/umask", "config:8-15\n");
	machine_pmu(&machine, "cpu", "events/mem-loads", "event=0xcd,umask=0x1\n");
	machine_pmu(&machine, "msr", "type", "9\n");
	machine_pmu(&machine, "msr", "format/event", "config:0-63\n");
	machine_pmu(&machine, "msr", "events/tsc", "event=0x00\n");
	machine_pmu(&machine, "power", "type", "21\n");
	machine_pmu(&machine, "power", "cpumask", "0\n");
	machine_pmu(&machine, "power", "events/energy-pkg", "event=0x02\n");
	return 0;
}

static inline int set_up_hybrid(void **state)
{
	set_up(state);
	machine_pmu(&machine, "cpu_core", "type", "4\n");
	machine_pmu(&machine, "cpu_core", "cpus", "0-3\n");
	machine_pmu(&machine, "cpu_core", "format/event", "config:0-7\n");
	machine_pmu(&machine, "cpu_core", "events/slots", "event=0x00\n");
	machine_pmu(&machine, "cpu_atom", "type", "10\n");
	machine_pmu(&machine, "cpu_atom", "cpus", "4-7\n");
	machine_pmu(&machine, "cpu_atom", "format/event", "config:0-7\n");
	return 0;
}

static inline int set_up_big_little(void **state)
{
	set_up(state);
	machine_pmu(&machine, "armv8_cortex_a53", "type", "7\n");
	machine_pmu(&machine, "armv8_cortex_a53", "cpus", "0-3\n");
	machine_pmu(&machine, "armv8_cortex_a72", "type", "8\n");
	machine_pmu(&machine, "armv8_cortex_a72", "cpus", "4-7\n");
	return 0;
}

static inline int resolve_lists(const struct event_request *request, struct kernel *kernel)
{
	const struct event_prober prober = {.open = play_open, .close = play_close, .data = kernel};
	struct event_request here = *request;
	int err;

	events_free(&list);
	here.sysroot = machine.root;
	err = events_resolve_with(&here, &prober, &list);
	assert_int_equal(kernel->n_open, 0);
	if (err)
		assert_int_equal(list.n, 0);
	return err;
}

static inline int resolve_as(const char *text, enum event_naming naming, struct kernel *kernel)
{
	struct setting_list events = {0};
	struct event_request request = {.events = &events, .naming = naming};
	int err = events_split(text, &events);

	assert_int_equal(err, 0);
	err = resolve_lists(&request, kernel);
	for (size_t i = 0; i < events.n; i++)
		free(events.items[i].text);
	free(events.items);
	return err;
}

/* As -e would, on a machine that has everything. */
static inline void resolve(const char *text)
{
	struct kernel kernel = {0};

	assert_int_equal(resolve_as(text, NAMING_CLASSIC, &kernel), 0);
}

static inline void refused(const char *text, struct kernel *kernel, int expected, const char *words)
{
	struct kernel none = {0};
	struct said said;
	int err;

	said_begin(&said);
	err = resolve_as(text, NAMING_CLASSIC, kernel ? kernel : &none);
	said_end(&said);
	if (err != expected)
		fail_msg("\"%s\" gives %d: %s", text, err, said.text);
	assert_said(&said, words);
}

static inline void assert_metrics(const char *const *metrics, size_t n)
{
	assert_int_equal(list.n, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(list.events[i].metric, metrics[i]);
}

#define ASSERT_METRICS(...)                                                                        \
	assert_metrics((const char *const[]){__VA_ARGS__},                                         \
	               sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* Whose instructions an event counts: see perf_event_open(2). */
static inline void assert_levels(size_t event, bool user, bool kernel, bool hv, bool guest,
                                 bool host)
{
	const struct perf_event_attr *attr = &list.events[event].instances[0].attr;

	assert_int_equal(attr->exclude_user, !user);
	assert_int_equal(attr->exclude_kernel, !kernel);
	assert_int_equal(attr->exclude_hv, !hv);
	assert_int_equal(attr->exclude_guest, !guest);
	assert_int_equal(attr->exclude_host, !host);
}

#define TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
