/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "outputs/processes/process_columns.h"

#define RUN "4bf92f3577b34da6a3ce929d0e0e4736"

static const struct life_field fields[] = {
	{"cpu-time", LIFE_NO_METRIC, &UNIT_NANOSECOND, LIFE_FOLD_SUM, false},
	{"read-bytes", LIFE_NO_METRIC, &UNIT_BYTE, LIFE_FOLD_SUM, false},
	{"cpu/event=0x2E/u", 3, &UNIT_NONE, LIFE_FOLD_SUM, true},
	{"cpu/event=0x2e:u", 4, &UNIT_NONE, LIFE_FOLD_SUM, true},
	{"attributed-energy", 5, &UNIT_JOULE, LIFE_FOLD_SUM, true},
};
static const struct life_schema schema = {sizeof(fields) / sizeof(fields[0]), fields};
static const struct run_info run = {.id = RUN, .number = 2, .repeats = 3};

/* What is made of one life, or the header for none. */
static char *make_whole(const struct life *life)
{
	struct process_columns columns;
	struct text out = {.data = NULL};

	assert_int_equal(process_columns_init(&columns, &schema, &run, ";"), 0);
	if (life)
		process_columns_add(&columns, &out, life);
	else
		process_columns_add_header(&columns, &out);
	text_add_char(&out, '\0');
	assert_false(out.failed);
	process_columns_fini(&columns);
	return out.data;
}

/* Without the cells of the identity and the run. */
static char *make(const struct life *life)
{
	char *whole = make_whole(life), *rest = whole;

	for (int i = 0; i < 8; i++)
		rest = strchr(rest, ';') + 1;
	rest = strdup(rest);
	free(whole);
	return rest;
}

/* Without the cells that are times. */
static void assert_row(const struct life *life, const char *expected)
{
	char *row = make(life), *cell = row, *end;
	char kept[512] = "";

	for (int i = 0; cell; i++, cell = end ? end + 1 : NULL) {
		end = strchr(cell, ';');
		if (i == 1 || i == 4 || i == 5)
			continue;
		snprintf(kept + strlen(kept), sizeof(kept) - strlen(kept), "%.*s",
		         end ? (int)(end - cell) + 1 : (int)strlen(cell), cell);
	}
	assert_string_equal(kept, expected);
	free(row);
}

static void names_columns_for_sql(void **state)
{
	char *header = make(NULL);

	assert_string_equal(
		header,
		"pid;started;life;ppid;parent_started;finished;comm;exe;args;args_cut;root;"
		"status;signal;core;oom;threads;execs;cpu_time_ns;user_time_ns;system_time_ns;"
		"wall_time_ns;runqueue_wait_ns;block_wait_ns;peak_rss_bytes;read_bytes;write_bytes;"
		"read_chars_bytes;write_chars_bytes;voluntary_switches;involuntary_switches;"
		"attributed_energy_joules;"
		"cpu_event_0x2e_u;cpu_event_0x2e_u_15\n");
	free(header);
}

static void a_killed_process(void **state)
{
	struct life_value values[] = {
		{.type = VALUE_U64, .u64 = 12},  {.type = VALUE_NONE},
		{.type = VALUE_U64, .u64 = 0},   {.type = VALUE_NONE},
		{.type = VALUE_F64, .f64 = 1.5},
	};
	const struct life life = {
		.key = {7, 1000},
		.parent = {3, 500},
		.number = 2,
		.ended = true,
		.wait_status = SIGKILL,
		.oom_killed = true,
		.end_ns = 3000,
		.comm = "a;b\xff",
		.exe = "/bin/x",
		.args = "x\0it's \"q\"",
		.args_length = 11,
		.threads = 3,
		.execs = 1,
		.values = values,
	};

	char *row = make(&life);

	assert_non_null(strstr(row, ";\"a;b\xef\xbf\xbd\";/bin/x;\"x 'it'\\''s \"\"q\"\"'\";0;0;"
	                            "137;SIGKILL;0;1;3;1;12;;;;;;;;;;;;;1.5;0;\n"));
	free(row);
}

/* The cells of the identity, with a rank of the agent's own, and with one of the process's. */
static void the_rank_of_a_process_counts_more_than_that_of_the_agent(void **state)
{
	struct life_value values[5] = {{.type = VALUE_NONE},
	                               {.type = VALUE_NONE},
	                               {.type = VALUE_NONE},
	                               {.type = VALUE_NONE},
	                               {.type = VALUE_NONE}};
	struct life life = {.key = {7, 1000}, .comm = "x", .exe = "", .rank = "", .values = values};
	static const char *const ranks[][3] = {
		{NULL, NULL, ";;;;;2;7;"},
		{NULL, "3", ";;;3;;2;7;"},
		{"1", "3", ";;;3;;2;7;"},
		{"1", "", ";;;1;;2;7;"},
	};

	for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++) {
		char *row, *cell;

		unsetenv("PMI_RANK");
		if (ranks[i][0])
			setenv("PMI_RANK", ranks[i][0], 1);
		life.rank = ranks[i][1];
		row = make_whole(&life);
		cell = strchr(strchr(strchr(row, ';') + 1, ';') + 1, ';'); /* run, host and boot */
		cell[strlen(ranks[i][2])] = '\0';
		assert_string_equal(cell, ranks[i][2]);
		free(row);
	}
	unsetenv("PMI_RANK");
}

static void statuses(void **state)
{
	struct life_value values[5] = {{.type = VALUE_NONE},
	                               {.type = VALUE_NONE},
	                               {.type = VALUE_NONE},
	                               {.type = VALUE_NONE},
	                               {.type = VALUE_NONE}};
	struct life life = {
		.key = {7, 1000},
		.number = 1,
		.is_root = true,
		.ended = true,
		.wait_status = SIGSEGV | 0x80,
		.comm = "x",
		.exe = "",
		.args = "x\0it's \"q\"",
		.args_length = 11,
		.args_cut = true,
		.threads = 3,
		.execs = 1,
		.values = values,
	};

	assert_row(
		&life,
		"7;1;;x;;\"x 'it'\\''s \"\"q\"\"'\";1;1;139;SIGSEGV;1;0;3;1;;;;;;;;;;;;;;;;\n");
	life.args = NULL;
	life.args_length = 0;
	life.wait_status = 3 << 8;
	assert_row(&life, "7;1;;x;;;1;1;3;;0;0;3;1;;;;;;;;;;;;;;;;\n");
	life.status_hidden = true;
	assert_row(&life, "7;1;;x;;;1;1;;;0;0;3;1;;;;;;;;;;;;;;;;\n");
	life.status_hidden = false;
	life.ended = false;
	assert_row(&life, "7;1;;x;;;1;1;;;0;0;3;1;;;;;;;;;;;;;;;;\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_columns_for_sql),
		cmocka_unit_test(a_killed_process),
		cmocka_unit_test(the_rank_of_a_process_counts_more_than_that_of_the_agent),
		cmocka_unit_test(statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
