/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ranks of a parallel job: what of a variable is one, who has it, and where ranks are looked for
 * at all.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "processes_support.h"

#include "core/parallel_task.h"
#include "sources/perf/ranks.h"

static void tell_rank(struct witness *witness, struct process_id id, const char *text)
{
	struct rank_record record = {
		.header = {.type = RECORD_RANK, .size = sizeof(record), .time_ns = id.start_ns},
		.process = id,
		.birth_comm = "parent",
	};

	memcpy(record.text, text, strnlen(text, sizeof(record.text)));
	assert_int_equal(processes_take(witness->table, &record.header), 0);
}

static void a_rank_is_there_as_the_program_is(void **state)
{
	struct witness *witness = *state;

	tell_rank(witness, ID, "PMI_RANK=3");
	tell_exec(witness, ID, 1500, "/bin/solver");
	assert_int_equal(witness_count(witness, TOLD_EXECUTED), 1);
	assert_string_equal(last(witness)->rank, "3");
}

static void a_program_that_is_not_told_its_rank_has_the_one_before(void **state)
{
	struct witness *witness = *state;

	tell_rank(witness, ID, "PMI_RANK=3");
	tell_exec(witness, ID, 1500, "/bin/sh");
	tell_exec(witness, ID, 1600, "/bin/env");
	assert_string_equal(last(witness)->rank, "3");
	tell_rank(witness, ID, "PMI_RANK=4");
	tell_exec(witness, ID, 1700, "/bin/other");
	assert_string_equal(last(witness)->rank, "4");
}

static void children_are_of_their_parents_rank(void **state)
{
	struct witness *witness = *state;

	tell_rank(witness, ID, "PMI_RANK=3");
	tell_exec(witness, ID, 1500, "/bin/sh");
	tell_child_ended(witness, CHILD, ID);
	assert_string_equal(last(witness)->rank, "3");
	tell_child_ended(witness, process_id(102, 5000), CHILD);
	assert_string_equal(last(witness)->rank, "3"); /* of one that has ended */
	tell_child_ended(witness, process_id(103, 1400), ID);
	assert_string_equal(last(witness)->rank, ""); /* made before the parent was of it */
}

/* Arguments of the program before have not come: it has its row with the rank that it had. */
static void a_program_whose_arguments_are_lost_keeps_its_rank(void **state)
{
	static const char args[2 * ARGS_CHUNK];
	struct witness *witness = *state;
	const size_t n = sizeof(args);
	struct exec_record record = exec_of(ID, 1500, "/bin/long", args, n, n);

	tell_rank(witness, ID, "PMI_RANK=3");
	assert_int_equal(processes_executed(witness->table, &record), 0);
	assert_int_equal(witness_count(witness, TOLD_EXECUTED), 0);
	tell_rank(witness, ID, "PMI_RANK=4");
	assert_int_equal(witness_count(witness, TOLD_EXECUTED), 1);
	assert_string_equal(last(witness)->rank, "3");
}

static void what_is_no_rank_is_not_taken(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"R=12", "12"},
		{"R=1=2", "1=2"},
		{"R=", "before"},
		{"R", "before"},
		{"", "before"},
		{"R=a b", "before"},
		{"R=\x1b[1m", "before"},
		{"R=\xc3\xa4", "before"},
		{"R=12345678901234567890123", "12345678901234567890123"},
		{"R=123456789012345678901234", "before"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char rank[RANK_SIZE] = "before";

		rank_take(rank, cases[i].text, strlen(cases[i].text) + 1);
		assert_string_equal(rank, cases[i].expected);
	}
	for (size_t n = 0; n < 4; n++) { /* its end is not there */
		char rank[RANK_SIZE] = "before";

		rank_take(rank, "R=1234", n);
		assert_string_equal(rank, "before");
	}
}

static void they_are_looked_for_below_launchers(void **state)
{
	static const char *const launchers[] = {"mpirun", "/usr/bin/mpiexec.hydra", "./prted",
	                                        "slurmd"};
	static const char *const others[] = {"make", "mpirunner", "xmpirun", "/mpirun/x", "",
	                                     "orted-wrapper"};
	struct perf_settings settings = {.ranks = RANKS_AUTO};
	const char *own[RANK_NAMES_MAX + 1] = {NULL};
	char *argv[] = {NULL, NULL};
	struct run_info run = {.argv = argv};

	(void)state;
	for (size_t i = 0; i < sizeof(launchers) / sizeof(launchers[0]); i++) {
		argv[0] = (char *)launchers[i];
		assert_ptr_equal(ranks_choose(&settings, &run, own), parallel_task_rank_variables);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		argv[0] = (char *)others[i];
		assert_null(ranks_choose(&settings, &run, own));
	}
	argv[0] = (char *)"mpirun";
	run.watched = "processes called mpirun";
	assert_null(ranks_choose(&settings, &run, own));
	settings.ranks = RANKS_ON;
	assert_ptr_equal(ranks_choose(&settings, &run, own), parallel_task_rank_variables);
	settings.ranks = RANKS_OFF;
	assert_null(ranks_choose(&settings, &run, own));
}

static void names_of_the_users_own(void **state)
{
	char long_name[] = "0123456789012345678901234567890x";
	struct setting_item items[RANK_NAMES_MAX + 1] = {{.text = (char *)"A"},
	                                                 {.text = (char *)"B"}};
	struct perf_settings settings = {
		.ranks = RANKS_ON,
		.rank_variables = {.items = items, .n = 2},
	};
	const char *own[RANK_NAMES_MAX + 1] = {NULL};
	const char *const *chosen = ranks_choose(&settings, NULL, own);

	(void)state;
	assert_string_equal(chosen[0], "A");
	assert_string_equal(chosen[1], "B");
	assert_null(chosen[2]);
	assert_null(ranks_names_problem(&settings.rank_variables));
	items[1].text = long_name;
	assert_non_null(strstr(ranks_names_problem(&settings.rank_variables), "31"));
	long_name[31] = '\0';
	assert_null(ranks_names_problem(&settings.rank_variables));
	items[1].text = (char *)"A=";
	assert_non_null(ranks_names_problem(&settings.rank_variables));
	items[1].text = (char *)"";
	assert_non_null(ranks_names_problem(&settings.rank_variables));
	settings.rank_variables.n = RANK_NAMES_MAX + 1;
	assert_non_null(strstr(ranks_names_problem(&settings.rank_variables), "8"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(a_rank_is_there_as_the_program_is),
		TEST(a_program_that_is_not_told_its_rank_has_the_one_before),
		TEST(children_are_of_their_parents_rank),
		TEST(a_program_whose_arguments_are_lost_keeps_its_rank),
		cmocka_unit_test(what_is_no_rank_is_not_taken),
		cmocka_unit_test(they_are_looked_for_below_launchers),
		cmocka_unit_test(names_of_the_users_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
