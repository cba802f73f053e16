/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is read out of the ring and the maps, while the programs go on writing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "kernel_played.h"

static void every_living_task_is_passed_on_once(void **state)
{
	/* The second: a bucket with more entries than are copied at first. */
	static const uint32_t buckets[] = {1, 150};

	for (size_t b = 0; b < 2; b++) {
		fake->tasks.bucket = buckets[b];
		fake->n_given = 0;
		for (uint32_t i = 0; i < ENTRIES_MAX; i++)
			add_task(&fake->tasks, i);
		assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
		assert_int_equal(fake->n_given, ENTRIES_MAX);
		for (uint32_t i = 0; i < ENTRIES_MAX; i++) {
			assert_true(fake->given[i].alive);
			assert_int_equal(fake->given[i].cpu_ns, i);
		}
	}
}

/* From the ring, which nobody may write to, and as a living task. */
static void what_the_root_had_before_its_exec_is_taken_off(void **state)
{
	struct task_record ended = *add_task(&fake->tasks, 7), *alive = add_task(&fake->tasks, 7);

	fake->run.root_base = (struct kernel_counts){.cpu_ns = 5};
	fake->run.root_fields[TASK_READ_CHARS] = 2;
	alive->flags |= TASK_ROOT;
	ended.header = (struct record_header){.type = RECORD_TASK, .size = sizeof(ended)};
	ended.flags |= TASK_ROOT | TASK_ENDED;
	ended.fields[TASK_READ_CHARS] = 100;
	fake->ring[fake->n_ring++] = &ended.header;
	assert_int_equal(kernel_drain(fake->kernel), 0);
	assert_int_equal(kernel_snapshot(fake->kernel, true), 0);
	assert_int_equal(fake->n_given, 2);
	assert_int_equal(fake->given[0].cpu_ns, 7 - 5);
	assert_int_equal(fake->given[0].read_chars, 100 - 2);
	assert_int_equal(ended.cpu_ns, 7);
	assert_int_equal(fake->given[1].cpu_ns, 7 - 5);
	assert_int_equal(fake->given[1].read_chars, 2 * 7 - 2);
	assert_int_equal(kernel_records(fake->kernel), 1);
}

/* The scheduler's clock leaves out what a hypervisor took while the root was started. */
static void the_root_never_has_less_than_nothing(void **state)
{
	add_task(&fake->tasks, 7)->flags |= TASK_ROOT;
	fake->run.root_base = (struct kernel_counts){.cpu_ns = 8};
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 1);
	assert_int_equal(fake->given[0].cpu_ns, 0);
}

/* Before its exec it had the agent's memory: a peak that is not above it may be the agent's. */
static void a_peak_that_may_be_the_agents_is_marked(void **state)
{
	struct task_record ended = *add_task(&fake->tasks, 7);

	fake->run.root_fields[TASK_PEAK_RSS] = 4096;
	ended.header = (struct record_header){.type = RECORD_TASK, .size = sizeof(ended)};
	ended.flags |= TASK_ROOT | TASK_ENDED;
	ended.fields[TASK_PEAK_RSS] = 4096;
	fake->ring[fake->n_ring++] = &ended.header;
	assert_int_equal(kernel_drain(fake->kernel), 0);
	assert_true(fake->given[0].flags & TASK_PEAK_SHARED);
	ended.fields[TASK_PEAK_RSS] = 8192;
	fake->ring[fake->n_ring++] = &ended.header;
	assert_int_equal(kernel_drain(fake->kernel), 0);
	assert_int_equal(fake->n_given, 2);
	assert_false(fake->given[1].flags & TASK_PEAK_SHARED);
}

static void nobody_is_looked_for_where_nobody_lives(void **state)
{
	add_task(&fake->tasks, 7);
	fake->run.alive = 0;
	assert_int_equal(kernel_snapshot(fake->kernel, true), 0);
	assert_int_equal(fake->n_given, 0);
}

static void what_is_not_kept_stays_so(void **state)
{
	add_task(&fake->tasks, 7)->flags |= TASK_ROOT;
	fake->run.root_fields[TASK_READ_CHARS] = TASK_FIELD_NONE;
	assert_int_equal(kernel_snapshot(fake->kernel, true), 0);
	assert_int_equal(fake->given[0].read_chars, 2 * 7);
	fake->run.root_fields[TASK_READ_CHARS] = 3;
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->given[1].read_chars, TASK_FIELD_NONE);
}

/* As kernel_snapshot(), and the name of the moment; of a task that has ended meanwhile nothing. */
static void fields_of_the_living_are_read_on_request(void **state)
{
	for (uint32_t i = 0; i < 3; i++)
		add_task(&fake->tasks, i);
	assert_int_equal(kernel_snapshot(fake->kernel, true), 0);
	assert_int_equal(fake->n_given, 3);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(fake->given[i].read_chars, 2 * i);
		assert_string_equal(fake->given[i].comm, "renamed");
	}
	fake->n_given = 0;
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 3);
	assert_true(fake->given[0].read_chars == TASK_FIELD_NONE);
}

static void tasks_of_no_time_yet_are_not_passed_on(void **state)
{
	add_task(&fake->tasks, 0)->flags |= TASK_PENDING; /* the root before its exec */
	add_task(&fake->tasks, 1)->tid = 0;               /* not filled in */
	add_task(&fake->tasks, 2)->seq = 1;               /* being written, for ever */
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 0);
}

static void write_halfway(struct fake_kernel *kernel, uint64_t key)
{
	struct task_record *entry = &kernel->tasks.entries[key / 2];

	if (kernel->lookups == 1) {
		entry->seq = 3;
		entry->cpu_ns = 50;
	} else if (kernel->lookups == 2) {
		entry->seq = 4;
		entry->cpu_ns = 60;
	}
}

static void an_account_is_passed_on_as_it_was_at_one_moment(void **state)
{
	add_task(&fake->tasks, 0);
	fake->at_lookup = write_halfway;
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 1);
	assert_int_equal(fake->given[0].cpu_ns, 60);
	assert_int_equal(fake->lookups, 3);
}

static void write_out_of_order(struct fake_kernel *kernel, uint64_t key)
{
	struct task_record *entry = &kernel->tasks.entries[key / 2];

	if (kernel->lookups == 1)
		entry->cpu_ns = 60;
	else if (kernel->lookups == 2)
		entry->seq = 4;
}

/* As a CPU of arm64 may let others see it: the counts first, the number that guards them later. */
static void writes_that_are_seen_out_of_order_are_not_mixed(void **state)
{
	add_task(&fake->tasks, 0)->counters[0].count = 7;
	fake->at_lookup = write_out_of_order;
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 1);
	assert_int_equal(fake->given[0].cpu_ns, 60);
	assert_int_equal(fake->lookups, 3);
}

static void give_to_another(struct fake_kernel *kernel, uint64_t key)
{
	if (kernel->lookups > 1)
		return;
	kernel->tasks.entries[key / 2].token = 4711;
	kernel->tasks.entries[key / 2].cpu_ns = 1;
}

static void an_entry_given_to_another_task_is_that_ones(void **state)
{
	add_task(&fake->tasks, 0)->cpu_ns = 99;
	fake->at_lookup = give_to_another;
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 1);
	assert_int_equal(fake->given[0].token, 4711);
	assert_int_equal(fake->given[0].cpu_ns, 1);
}

/*
 * Its last record is in the ring, and may have been read already, while the entry has not left the
 * map: passing it on as alive would raise the dead.
 */
static void a_task_that_has_ended_is_not_passed_on_as_alive(void **state)
{
	add_task(&fake->tasks, 0)->flags |= TASK_ENDED;
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 0);
}

static void kept_accounts_come_after_what_is_in_the_ring(void **state)
{
	static struct exec_record exec;

	exec = exec_of(process_id(100, 1), 1, "/bin/sh", "", 0, 0);
	exec.header.size = sizeof(exec);
	fake->ring[fake->n_ring++] = &exec.header;
	for (uint32_t i = 0; i < 200; i++)
		add_kept(&fake->tasks, i);
	add_task(&fake->tasks, 200); /* alive: stays, and is not passed on */
	fake->run.losses.ring_full = 200;
	assert_int_equal(kernel_drain(fake->kernel), 0);
	assert_int_equal(fake->n_given, 201);
	assert_int_equal(fake->given[0].token, 1);
	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(fake->given[i + 1].cpu_ns, i);
	assert_int_equal(kernel_drain(fake->kernel), 0);
	assert_int_equal(fake->n_given, 201);
	assert_true(is_present(&fake->tasks, 200));
	assert_false(is_present(&fake->tasks, 0)); /* there is room again */
}

static void kept_accounts_are_not_alive(void **state)
{
	add_kept(&fake->tasks, 0);
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->n_given, 0);
	assert_true(is_present(&fake->tasks, 0));
}

/* The program counts first and keeps then; it may be looked at in between. */
static void an_account_that_is_counted_before_it_is_there_is_collected_later(void **state)
{
	fake->run.losses.ring_full = 2;
	add_kept(&fake->tasks, 5);
	assert_int_equal(kernel_drain(fake->kernel), 0);
	assert_int_equal(fake->n_given, 1);
	add_kept(&fake->tasks, 9);
	assert_int_equal(kernel_drain(fake->kernel), 0);
	assert_int_equal(fake->n_given, 2);
	assert_int_equal(fake->given[1].cpu_ns, 9);
	/* Without anything to find the map is not asked again. */
	fake->run.losses.ring_full = 3;
	fake->run.losses.records = 1;
	add_kept(&fake->tasks, 7);
	assert_int_equal(kernel_drain(fake->kernel), 0);
	assert_int_equal(fake->n_given, 2);
}

/* Also those whose account cannot be taken: they live. */
static void whoever_is_left_is_marked_once_records_are_lost(void **state)
{
	add_task(&fake->tasks, 0);
	add_task(&fake->tasks, 1)->flags |= TASK_PENDING;
	add_kept(&fake->tasks, 2);
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->snapshots, 0);
	fake->run.losses.ring_full = fake->run.losses.records = 1;
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->snapshots, 1);
	assert_int_equal(fake->in_snapshot, 2);
	fake->run.alive = 0;
	assert_int_equal(kernel_snapshot(fake->kernel, false), 0);
	assert_int_equal(fake->snapshots, 2);
	assert_int_equal(fake->in_snapshot, 0);
}

static void where_the_tree_may_run_is_known_while_every_switch_is_seen(void **state)
{
	assert_false(kernel_may_run(fake->kernel, 1));
	fake->cpus[1].tracked = 1;
	assert_true(kernel_may_run(fake->kernel, 1));
	assert_false(kernel_may_run(fake->kernel, 0));
	assert_true(kernel_may_run(fake->kernel, 7)); /* nothing is kept of it */
	fake->run.losses.slices = 1;
	assert_true(kernel_may_run(fake->kernel, 0));
}

static void a_record_of_no_known_type_ends_the_reading(void **state)
{
	static struct record_header unknown;

	unknown = (struct record_header){.type = 99, .size = sizeof(unknown)};
	fake->ring[fake->n_ring++] = &unknown;
	assert_int_equal(kernel_drain(fake->kernel), -EPROTO);
	unknown = (struct record_header){.type = RECORD_TASK, .size = 4};
	fake->ring[fake->n_ring++] = &unknown;
	assert_int_equal(kernel_drain(fake->kernel), -EPROTO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(every_living_task_is_passed_on_once),
		TEST(what_the_root_had_before_its_exec_is_taken_off),
		TEST(the_root_never_has_less_than_nothing),
		TEST(a_peak_that_may_be_the_agents_is_marked),
		TEST(nobody_is_looked_for_where_nobody_lives),
		TEST(what_is_not_kept_stays_so),
		TEST(fields_of_the_living_are_read_on_request),
		TEST(tasks_of_no_time_yet_are_not_passed_on),
		TEST(an_account_is_passed_on_as_it_was_at_one_moment),
		TEST(writes_that_are_seen_out_of_order_are_not_mixed),
		TEST(an_entry_given_to_another_task_is_that_ones),
		TEST(a_task_that_has_ended_is_not_passed_on_as_alive),
		TEST(kept_accounts_come_after_what_is_in_the_ring),
		TEST(kept_accounts_are_not_alive),
		TEST(an_account_that_is_counted_before_it_is_there_is_collected_later),
		TEST(whoever_is_left_is_marked_once_records_are_lost),
		TEST(where_the_tree_may_run_is_known_while_every_switch_is_seen),
		TEST(a_record_of_no_known_type_ends_the_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
