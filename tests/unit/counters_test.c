/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which counter is opened on which CPU, and in which group. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "counters_support.h"

static uint32_t big_cpus[] = {0, 1, 2, 3}, little_cpus[] = {4, 5};
static struct event_instance other = {.attr = {.config = 2}};
static struct event_instance hybrid[] = {
	{.attr = {.config = 3}, .pmu = (char *)"big", .cpus = big_cpus, .n_cpus = 4},
	{.attr = {.config = 4}, .pmu = (char *)"little", .cpus = little_cpus, .n_cpus = 2},
};
static struct event_instance hybrid_too[] = {
	{.attr = {.config = 5}, .pmu = (char *)"big", .cpus = big_cpus, .n_cpus = 4},
	{.attr = {.config = 6}, .pmu = (char *)"little", .cpus = little_cpus, .n_cpus = 2},
};

#define OF_THE_KERNEL                                                                              \
	{                                                                                          \
		.text = (char *)"time", .origin = EVENT_FROM_KERNEL, .group = -1                   \
	}

static int count_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

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
		TEST(a_poll_interrupts_no_cpu_that_runs_others),
		TEST(what_fails_is_told_and_leaves_nothing_open),
		TEST(many_cpus_and_many_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
