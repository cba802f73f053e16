/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which counter is opened on which CPU, in which group, and what happens as CPUs come and go. The
 * machine is made up: its CPUs, perf_event_open() and the BPF programs' side are replaced here.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "linux/cpu_list.h"
#include "sources/perf/counters.h"
#include "unit/messages.h"

#define OPENED_MAX 20000

/* --- a machine -------------------------------------------------------------------------------- */

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

/* --- events ----------------------------------------------------------------------------------- */

static uint32_t big_cpus[] = {0, 1, 2, 3}, little_cpus[] = {4, 5};

static struct event_instance plain = {.attr = {.config = 1}};
static struct event_instance other = {.attr = {.config = 2}};
static struct event_instance hybrid[] = {
	{.attr = {.config = 3}, .pmu = (char *)"big", .cpus = big_cpus, .n_cpus = 4},
	{.attr = {.config = 4}, .pmu = (char *)"little", .cpus = little_cpus, .n_cpus = 2},
};
static struct event_instance hybrid_too[] = {
	{.attr = {.config = 5}, .pmu = (char *)"big", .cpus = big_cpus, .n_cpus = 4},
	{.attr = {.config = 6}, .pmu = (char *)"little", .cpus = little_cpus, .n_cpus = 2},
};

#define EVENT(list, n, in_group)                                                                   \
	{                                                                                          \
		.text = (char *)#list, .instances = list, .n_instances = n, .group = in_group      \
	}
#define OF_THE_KERNEL                                                                              \
	{                                                                                          \
		.text = (char *)"time", .origin = EVENT_FROM_KERNEL, .group = -1                   \
	}

static int make(void **state)
{
	memset(&machine, 0, sizeof(machine));
	return 0;
}

static int count_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static struct counters *open_all(const struct event_list *list, const char *online)
{
	struct counters *counters;

	strcpy(machine.online, online);
	assert_int_equal(counters_open(list, NULL, &counters), 0);
	return counters;
}

static const struct opened *find(uint64_t config, int cpu)
{
	const struct opened *found = NULL;

	for (size_t i = 0; i < machine.n; i++) {
		if (machine.opened[i].config == config && machine.opened[i].cpu == cpu)
			found = &machine.opened[i];
	}
	return found;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void counters_stand_side_by_side_in_the_order_of_events(void **state)
{
	struct event events[] = {EVENT(&plain, 1, -1), OF_THE_KERNEL, EVENT(hybrid, 2, -1),
	                         EVENT(&other, 1, -1)};
	const struct event_list list = {.events = events, .n = 4},
				without = {.events = events, .n = 2};

	assert_int_equal(counters_needed(&list), 4);
	assert_int_equal(counters_first(&list, 0), 0);
	assert_int_equal(counters_first(&list, 2), 1);
	assert_int_equal(counters_first(&list, 3), 3);
	assert_true(counters_are_sparse(&list));
	assert_false(counters_are_sparse(&without));
}

/* Only a pinned event says by an error that it has not counted: bpf/counting.h relies on it. */
static void events_that_always_count_are_pinned(void **state)
{
	struct event_instance software = {.attr = {.type = PERF_TYPE_SOFTWARE, .config = 8}};
	struct event_instance tracepoint = {.attr = {.type = PERF_TYPE_TRACEPOINT, .config = 9}};
	struct event_instance hardware = {.attr = {.type = PERF_TYPE_HARDWARE, .config = 7}};
	struct event events[] = {EVENT(&hardware, 1, -1), OF_THE_KERNEL, EVENT(&software, 1, -1),
	                         EVENT(&tracepoint, 1, -1)};
	struct event group[] = {EVENT(&software, 1, 0), EVENT(&hardware, 1, 0)};
	const struct event_list list = {.events = events, .n = 4},
				grouped = {.events = group, .n = 2};
	struct counters *counters = open_all(&list, "0\n");

	assert_int_equal(counters_always_on(&list), 1 << 1 | 1 << 2);
	assert_false(find(7, 0)->is_pinned);
	assert_true(find(8, 0)->is_pinned);
	assert_true(find(9, 0)->is_pinned);
	counters_free(counters);
	assert_int_equal(counters_always_on(&grouped), 0);
	counters = open_all(&grouped, "0\n");
	assert_false(find(8, 0)->is_pinned);
	counters_free(counters);
}

static void every_event_is_opened_on_every_online_cpu(void **state)
{
	struct event events[] = {EVENT(&plain, 1, -1), OF_THE_KERNEL, EVENT(&other, 1, -1)};
	const struct event_list list = {.events = events, .n = 3};
	struct counters *counters = open_all(&list, "0-2,7,511\n");
	static const int cpus[] = {0, 1, 2, 7, 511};

	assert_int_equal(machine.n, 10);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(find(1, cpus[i])->counter, 0);
		assert_int_equal(find(2, cpus[i])->counter, 1);
		assert_int_equal(find(1, cpus[i])->group_fd, -1);
		assert_int_equal(find(1, cpus[i])->flags, PERF_FLAG_FD_CLOEXEC);
	}
	counters_free(counters);
}

static void a_core_types_event_is_opened_on_its_cpus_only(void **state)
{
	struct event events[] = {EVENT(hybrid, 2, -1)};
	const struct event_list list = {.events = events, .n = 1};
	struct counters *counters = open_all(&list, "0-5\n");

	assert_int_equal(machine.n, 6);
	assert_int_equal(find(3, 3)->counter, 0);
	assert_int_equal(find(4, 4)->counter, 1);
	assert_null(find(3, 4));
	assert_null(find(4, 3));
	counters_free(counters);
}

/* CPU 6 came after the PMUs' lists were read: it lacks nothing, its events are not open. */
static void what_a_cpu_lacks_is_known_once_its_events_are_open(void **state)
{
	struct event events[] = {EVENT(&plain, 1, -1), EVENT(hybrid, 2, -1),
	                         EVENT(&hybrid[1], 1, -1)};
	const struct event_list list = {.events = events, .n = 3};
	struct counters *counters;

	machine.open_errno = EMFILE;
	machine.failing_cpu = 5;
	counters = NULL;
	strcpy(machine.online, "0,4,6\n");
	assert_int_equal(counters_open(&list, NULL, &counters), 0);
	assert_int_equal(machine.absent[0], 1 << 2 | 1 << 3);
	assert_int_equal(machine.absent[4], 1 << 1);
	assert_int_equal(machine.absent[6], 1 << 3);
	strcpy(machine.online, "0,4-6\n");
	counters_refresh(counters);
	assert_int_equal(machine.absent[5], 0);
	machine.open_errno = 0;
	assert_int_equal(counters_refresh(counters), 0);
	assert_int_equal(machine.absent[5], 1 << 1);
	counters_free(counters);
}

static void no_descriptor_is_kept(void **state)
{
	struct event events[] = {EVENT(&plain, 1, 0), EVENT(&other, 1, 0), EVENT(hybrid, 2, 1),
	                         EVENT(&plain, 1, -1)};
	const struct event_list list = {.events = events, .n = 4};
	int before = count_descriptors();
	struct counters *counters = open_all(&list, "0-5\n");

	assert_int_equal(count_descriptors(), before);
	counters_free(counters);
}

static void a_group_counts_together_on_each_cpu(void **state)
{
	struct event events[] = {EVENT(hybrid, 2, 0), OF_THE_KERNEL,       EVENT(hybrid_too, 2, 0),
	                         EVENT(&plain, 1, 1), EVENT(&other, 1, 1), EVENT(&plain, 1, -1)};
	const struct event_list list = {.events = events, .n = 6};
	struct counters *counters;

	events[1].group = 0;
	counters = open_all(&list, "1,4\n");
	assert_int_equal(find(3, 1)->group_fd, -1);
	assert_int_equal(find(5, 1)->group_fd, find(3, 1)->fd);
	assert_int_equal(find(4, 4)->group_fd, -1);
	assert_int_equal(find(6, 4)->group_fd, find(4, 4)->fd);
	assert_int_equal(find(2, 4)->group_fd, machine.opened[machine.n - 3].fd);
	/* The last one stands alone, after the groups. */
	assert_int_equal(machine.opened[machine.n - 1].group_fd, -1);
	counters_free(counters);
}

static void two_groups_side_by_side_are_two(void **state)
{
	struct event events[] = {EVENT(&plain, 1, 0), EVENT(&other, 1, 1)};
	const struct event_list list = {.events = events, .n = 2};
	struct counters *counters = open_all(&list, "0\n");

	assert_int_equal(find(2, 0)->group_fd, -1);
	counters_free(counters);
}

static void a_cpu_that_comes_is_opened_and_starts_afresh(void **state)
{
	struct event events[] = {EVENT(&plain, 1, -1)};
	const struct event_list list = {.events = events, .n = 1};
	struct counters *counters = open_all(&list, "0-1\n");

	strcpy(machine.online, "0\n");
	assert_int_equal(counters_refresh(counters), 0);
	assert_int_equal(machine.n, 2);
	machine.n_cleared = 0;
	strcpy(machine.online, "0-2\n");
	assert_int_equal(counters_refresh(counters), 0);
	assert_int_equal(machine.n, 4);
	assert_int_equal(machine.opened[2].cpu, 1);
	assert_int_equal(machine.opened[3].cpu, 2);
	assert_int_equal(machine.n_cleared, 2);
	assert_int_equal(machine.cleared[0], 1);
	assert_int_equal(machine.cleared[1], 2);
	counters_account_running(counters);
	assert_int_equal(machine.n_accounted, 3);
	counters_free(counters);
}

static void a_poll_interrupts_no_cpu_that_runs_others(void **state)
{
	struct event events[] = {EVENT(&plain, 1, -1)};
	const struct event_list list = {.events = events, .n = 1};
	struct counters *counters = open_all(&list, "0-2\n");

	machine.n_accounted = 0;
	machine.idle_cpu = 1 + 1;
	counters_account_tree(counters);
	machine.idle_cpu = 0;
	assert_int_equal(machine.n_accounted, 2);
	assert_int_equal(machine.accounted[0], 0);
	assert_int_equal(machine.accounted[1], 2);
	counters_free(counters);
}

static void a_cpu_that_leaves_while_it_is_opened_is_no_error(void **state)
{
	static const int gone[] = {ENODEV, ENXIO};
	struct event events[] = {EVENT(&plain, 1, -1)};
	const struct event_list list = {.events = events, .n = 1};

	for (size_t i = 0; i < 2; i++) {
		struct counters *counters;

		machine.open_errno = gone[i];
		machine.failing_cpu = 1;
		machine.n = 0;
		counters = open_all(&list, "0-2\n");
		assert_int_equal(machine.n, 2);
		/* It is tried again the next time, and only it. */
		machine.open_errno = 0;
		assert_int_equal(counters_refresh(counters), 0);
		assert_int_equal(machine.n, 3);
		assert_int_equal(counters_refresh(counters), 0);
		assert_int_equal(machine.n, 3);
		counters_free(counters);
	}
}

static void a_cpu_that_came_back_unseen_is_opened_anew(void **state)
{
	struct event events[] = {EVENT(&plain, 1, -1)};
	const struct event_list list = {.events = events, .n = 1};
	struct counters *counters;

	machine.n = 0;
	counters = open_all(&list, "0-2\n");
	assert_int_equal(machine.n, 3);
	counters_forget(counters, 1);
	counters_forget(counters, 7);
	assert_int_equal(counters_refresh(counters), 0);
	assert_int_equal(machine.n, 4);
	counters_free(counters);
}

/* Refreshes; returns the result, and whether something was said. */
static int refresh(struct counters *counters, bool *said)
{
	struct messages messages;
	int result;

	messages_catch(&messages, STDERR_FILENO);
	result = counters_refresh(counters);
	*said = *messages_text(&messages) != '\0';
	return result;
}

static void a_file_that_cannot_be_read_for_once_loses_no_cpu(void **state)
{
	struct event events[] = {EVENT(&plain, 1, -1)};
	const struct event_list list = {.events = events, .n = 1};
	struct counters *counters = open_all(&list, "0-1\n");
	bool said;

	strcpy(machine.online, "0-2\n");
	machine.online_err = -ENFILE;
	assert_int_equal(refresh(counters, &said), -ENFILE);
	assert_true(said);
	assert_int_equal(refresh(counters, &said), -ENFILE);
	assert_false(said); /* it was */
	counters_account_running(counters);
	assert_int_equal(machine.n_accounted, 2);
	machine.online_err = 0;
	assert_int_equal(refresh(counters, &said), 0);
	assert_int_equal(machine.n, 3);
	assert_int_equal(machine.opened[2].cpu, 2);
	machine.online_err = -ENFILE;
	assert_int_equal(refresh(counters, &said), -ENFILE);
	assert_true(said);
	counters_free(counters);
}

static void a_cpu_that_cannot_be_opened_is_tried_again_and_keeps_no_other_back(void **state)
{
	struct event events[] = {EVENT(&plain, 1, -1)};
	const struct event_list list = {.events = events, .n = 1};
	struct counters *counters = open_all(&list, "0-1\n");
	bool said;

	strcpy(machine.online, "0-4\n");
	machine.open_errno = EMFILE;
	machine.failing_cpu = 3;
	assert_int_equal(refresh(counters, &said), -EMFILE);
	assert_true(said);
	assert_int_equal(machine.n, 4);
	assert_non_null(find(1, 2));
	assert_non_null(find(1, 4));
	assert_int_equal(refresh(counters, &said), -EMFILE);
	assert_false(said);
	machine.open_errno = 0;
	assert_int_equal(refresh(counters, &said), 0);
	assert_int_equal(machine.n, 5);
	assert_non_null(find(1, 3));
	counters_free(counters);
}

static void assert_fails(const struct event_list *list, int err, const char *words)
{
	struct messages messages;
	struct counters *counters;
	int before = count_descriptors(), result;
	const char *said;

	messages_catch(&messages, STDERR_FILENO);
	result = counters_open(list, NULL, &counters);
	said = messages_text(&messages);
	assert_int_equal(result, err);
	assert_null(counters);
	assert_non_null(strstr(said, words));
	assert_int_equal(count_descriptors(), before);
}

static void what_fails_is_told_and_leaves_nothing_open(void **state)
{
	struct event events[] = {EVENT(&plain, 1, 0), EVENT(&other, 1, 0)};
	const struct event_list list = {.events = events, .n = 2};

	strcpy(machine.online, "0-3\n");
	machine.failing_cpu = 2;
	machine.open_errno = EMFILE;
	assert_fails(&list, -EMFILE, "'&plain' on CPU 2");
	machine.open_errno = 0;
	machine.set_err = -E2BIG;
	assert_fails(&list, -E2BIG, "hand event '&plain' of CPU 0");
	machine.set_err = 0;
	machine.online_err = -EACCES;
	assert_fails(&list, -EACCES, "cpu/online");
}

static void many_cpus_and_many_events(void **state)
{
	struct event events[32];
	const struct event_list list = {.events = events, .n = 32};
	struct event_instance instances[32];
	struct counters *counters;

	for (size_t i = 0; i < 32; i++) {
		instances[i] = (struct event_instance){.attr = {.config = 100 + i}};
		events[i] = (struct event)EVENT(&instances[i], 1, -1);
	}
	counters = open_all(&list, "0-255,512-767\n");
	assert_int_equal(machine.n, 32 * 512);
	assert_int_equal(find(131, 767)->counter, 31);
	assert_int_equal(find(100, 512)->counter, 0);
	counters_free(counters);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, make)
	const struct CMUnitTest tests[] = {
		TEST(counters_stand_side_by_side_in_the_order_of_events),
		TEST(events_that_always_count_are_pinned),
		TEST(every_event_is_opened_on_every_online_cpu),
		TEST(a_core_types_event_is_opened_on_its_cpus_only),
		TEST(what_a_cpu_lacks_is_known_once_its_events_are_open),
		TEST(no_descriptor_is_kept),
		TEST(a_group_counts_together_on_each_cpu),
		TEST(two_groups_side_by_side_are_two),
		TEST(a_cpu_that_comes_is_opened_and_starts_afresh),
		TEST(a_poll_interrupts_no_cpu_that_runs_others),
		TEST(a_cpu_that_leaves_while_it_is_opened_is_no_error),
		TEST(a_cpu_that_came_back_unseen_is_opened_anew),
		TEST(a_file_that_cannot_be_read_for_once_loses_no_cpu),
		TEST(a_cpu_that_cannot_be_opened_is_tried_again_and_keeps_no_other_back),
		TEST(what_fails_is_told_and_leaves_nothing_open),
		TEST(many_cpus_and_many_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
