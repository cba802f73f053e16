/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tracepoints by name, in a tracefs laid out in a folder. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "unit/event_support.h"

#include "sources/perf/events/tracepoint.h"

#define EVENTS "sys/kernel/tracing/events"
#define DEBUGFS_EVENTS "sys/kernel/debug/tracing/events"

static int set_up(void **state)
{
	struct machine *machine = malloc(sizeof(*machine));

	machine_new(machine);
	*state = machine;
	return 0;
}

static int tear_down(void **state)
{
	machine_free(*state);
	free(*state);
	return 0;
}

static void lay_out_tracefs(const struct machine *machine)
{
	machine_write(machine, EVENTS "/enable", "0\n");
	machine_write(machine, EVENTS "/sched/enable", "0\n");
	machine_write(machine, EVENTS "/sched/sched_switch/id", "316\n");
	machine_write(machine, EVENTS "/sched/sched_waking/id", "318\n");
	machine_write(machine, EVENTS "/syscalls/sys_enter_read/id", "775\n");
}

/* The id, or what tracepoint_find() returned. */
static int64_t find(const struct machine *machine, const char *name)
{
	struct event_spec spec = {.text = (char *)name, .name = (char *)name};
	uint64_t id = 0;
	int err = tracepoint_find(machine->root, &spec, &id);

	return err ? err : (int64_t)id;
}

static void a_tracepoint_has_the_number_of_its_file(void **state)
{
	lay_out_tracefs(*state);
	assert_int_equal(find(*state, "sched:sched_switch"), 316);
	assert_int_equal(find(*state, "syscalls:sys_enter_read"), 775);
}

static void debugfs_shows_tracefs_on_older_systems(void **state)
{
	machine_write(*state, DEBUGFS_EVENTS "/irq/irq_handler_entry/id", "12\n");
	assert_int_equal(find(*state, "irq:irq_handler_entry"), 12);
	assert_null(tracepoint_obstacle(((struct machine *)*state)->root, "irq:nothing"));
}

static void a_name_of_another_form_is_no_tracepoint(void **state)
{
	static const char *const names[] = {
		"cycles",   "skl::MEM_LOAD_RETIRED",
		"a:b:c",    ":sched_switch",
		"sched:",   "sched:../syscalls/sys_enter_read",
		"..:sched", "sched/sched_switch",
		"",
	};

	lay_out_tracefs(*state);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(find(*state, names[i]), -ENOENT);
		assert_null(tracepoint_obstacle("/nowhere", names[i]));
	}
}

static void an_unknown_subsystem_may_be_anothers_name(void **state)
{
	lay_out_tracefs(*state);
	assert_int_equal(find(*state, "RESOURCE_STALLS:ANY"), -ENOENT);
}

static void a_typo_gets_the_nearest_tracepoint(void **state)
{
	struct said said;

	lay_out_tracefs(*state);
	said_begin(&said);
	assert_int_equal(find(*state, "sched:sched_swich"), -EINVAL);
	said_end(&said);
	assert_said(&said, "did you mean sched:sched_switch?");
	said_begin(&said);
	assert_int_equal(find(*state, "sched:enabl"), -EINVAL); /* a file beside them */
	said_end(&said);
	assert_said(&said, "/sys/kernel/tracing/events/sched lists those that it has");
}

static void an_id_that_is_no_number_is_an_error(void **state)
{
	struct said said;

	machine_write(*state, EVENTS "/sched/broken/id", "many\n");
	said_begin(&said);
	assert_int_equal(find(*state, "sched:broken"), -EINVAL);
	said_end(&said);
	assert_said(&said, "sched:broken");
}

static void what_hides_tracefs_is_said_with_its_remedy(void **state)
{
	const char *root = ((struct machine *)*state)->root;

	assert_non_null(strstr(tracepoint_obstacle(root, "sched:sched_switch"),
	                       "mount -t tracefs tracefs /sys/kernel/tracing"));
	lay_out_tracefs(*state);
	assert_null(tracepoint_obstacle(root, "sched:nothing"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_tracepoint_has_the_number_of_its_file),
		TEST(debugfs_shows_tracefs_on_older_systems),
		TEST(a_name_of_another_form_is_no_tracepoint),
		TEST(an_unknown_subsystem_may_be_anothers_name),
		TEST(a_typo_gets_the_nearest_tracepoint),
		TEST(an_id_that_is_no_number_is_an_error),
		TEST(what_hides_tracefs_is_said_with_its_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
