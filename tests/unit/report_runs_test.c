/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Saved runs that are cut, damaged, compressed, or several in one file. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "report/heading.h"
#include "report_read_support.h"

static void runs_with_totals_and_with_differences_stand_side_by_side(void **state)
{
	read_rows(RUN_INFO("00", "run=1,values=delta"), ROW("perf_a", "01", "9", "7", "run=1"),
	          ROW("perf_a", "02", "1", "7", "run=1"), RUN_INFO("03", "run=2,values=cumulative"),
	          ROW("perf_a", "04", "9", "7", "run=2"), ROW("perf_a", "05", "10", "7", "run=2"));
	assert_true(value(0, "a") == 10);
	assert_true(value(1, "a") == 10);
}

static void a_cut_file_is_read_as_far_as_it_goes(void **state)
{
	read_rows(ROW("perf_a", "01", "5", "7", ""), "perf_a;" DAY "02Z;9;local_machine;;pro");
	assert_true(value(0, "a") == 5);
	assert_int_equal(data.n_notes, 1);
	assert_non_null(strstr(data.notes[0], "unfinished"));

	/* Quotes that never close: nothing behind them is taken for their cell, nothing hangs. */
	read_rows(ROW("perf_a", "01", "5", "7", ""), ROW("perf_a", "02", "9", "7", "\"a="),
	          ROW("perf_a", "03", "11", "7", ""));
	assert_true(value(0, "a") == 11);
	assert_int_equal(data.n_notes, 2);
}

#define BEGIN(attributes) RUN_INFO("00", attributes)
#define END(attributes) RUN_END("09", "0", attributes)
#define COUNT(attributes) ROW("perf_a", "01", "5", "7", attributes)

static void a_run_without_its_last_row_is_not_whole(void **state)
{
	read_rows(BEGIN("values=cumulative"), COUNT(""), END("wall-time=8"));
	assert_int_equal(data.n_notes, 0);
	assert_false(data.runs[0].lacks_end);
	assert_int_equal(report_wall_ns(&data, 0), 8);

	read_rows(BEGIN("values=cumulative"), COUNT(""));
	assert_true(data.runs[0].lacks_end);
	assert_int_equal(data.n_notes, 1);
	assert_non_null(strstr(data.notes[0], "the last rows of the run are missing"));

	/* It is said once. */
	read_rows(BEGIN("values=cumulative"), "perf_a;" DAY "02Z;9;local_machine;;pro");
	assert_true(data.runs[0].lacks_end);
	assert_int_equal(data.n_notes, 1);
}

static void each_run_has_its_own_last_row(void **state)
{
	read_rows(BEGIN("run=1,values=delta"), COUNT("run=1"), END("run=1"),
	          BEGIN("run=2,values=delta"), COUNT("run=2"), BEGIN("run=3,values=delta"),
	          COUNT("run=3"), END("run=3"));
	assert_int_equal(data.n_runs, 3);
	assert_false(data.runs[0].lacks_end);
	assert_true(data.runs[1].lacks_end);
	assert_false(data.runs[2].lacks_end);
	assert_int_equal(data.n_notes, 1);
	assert_non_null(strstr(data.notes[0], "of run 2 are"));
}

static void files_of_others_have_no_last_row(void **state)
{
	read_rows(BEGIN("cpus=2"), COUNT(""));
	assert_int_equal(data.n_notes, 0);
	assert_false(data.runs[0].lacks_end);
}

static void rows_that_are_none_are_counted(void **state)
{
	read_rows(ROW("perf_a", "01", "5", "7", ""),
	          "perf_a;yesterday;5;local_machine;;process;7;\n",
	          ROW("perf_a", "02", "many", "7", ""), ROW("perf_a", "02", "9", "4294967296", ""),
	          "perf_a;" DAY "02Z\n");
	assert_true(value(0, "a") == 5);
	assert_int_equal(data.n_processes, 1);
	assert_non_null(strstr(data.notes[0], "4 rows"));
}

static void what_is_no_saved_run_is_refused(void **state)
{
	const char *const path = "/proc/self/cmdline";
	struct messages messages;
	int result;

	report_data_fini(&data);
	messages_catch(&messages, STDERR_FILENO);
	result = report_read(&path, 1, &data);
	assert_non_null(strstr(messages_text(&messages), "is not a saved run"));
	assert_int_equal(result, -EBADMSG);
}

/* ---- compressed ---- */

static const char run[] =
	HEADER ROW("perf_a", "01", "5", "7", "") ROW("perf_a", "02", "9", "7", "");

static size_t gzip(char *to, size_t size)
{
	z_stream stream = {.next_in = (Bytef *)run, .avail_in = sizeof(run) - 1};

	stream.next_out = (Bytef *)to;
	stream.avail_out = (uInt)size;
	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), 0);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	deflateEnd(&stream);
	return size - stream.avail_out;
}

static void compressed_files_are_read(void **state)
{
	char bytes[4096];
	size_t n = gzip(bytes, sizeof(bytes));

	read_bytes(bytes, n);
	assert_true(value(0, "a") == 9);
	assert_int_equal(data.n_notes, 0);
	n = ZSTD_compress(bytes, sizeof(bytes), run, sizeof(run) - 1, 3);
	read_bytes(bytes, n);
	assert_true(value(0, "a") == 9);
	assert_int_equal(data.n_notes, 0);
}

static void compressed_files_that_are_cut_or_damaged_are_noted(void **state)
{
	char bytes[4096];
	size_t n = gzip(bytes, sizeof(bytes));

	read_bytes(bytes, n - 9);
	assert_true(data.n_notes == 1 && strstr(data.notes[0], "end early"));
	memset(bytes + n - 8, 0x55, 8);
	read_bytes(bytes, n);
	assert_true(data.n_notes == 1 && strstr(data.notes[0], "damaged"));
}

/* ---- several runs ---- */

static void assert_heading(const char *expected, const char *row, const char *more)
{
	char *heading;

	read_rows(row, more);
	heading = report_heading(&data, 0);
	assert_string_equal(heading, expected);
	free(heading);
}

static void a_run_is_headed_by_the_command_that_was_measured(void **state)
{
	/* Whatever its first process executed: it may have been missed, or be another one. */
	assert_heading("make a  b", BEGIN("args=make 'a  b'"),
	               INFO("01", "7", "args=cc1,comm=cc1,ppid=1"));
	assert_heading("cc -c a b", INFO("01", "7", "args=cc -c 'a b',comm=cc,ppid=1"), "");
	assert_heading("pid 7", ROW("perf_a", "01", "1", "7", ""), "");
	assert_heading("no processes", BEGIN("cpus=2"), "");
	/* A watch has the heading that it had; in older files, the processes that were adopted. */
	assert_heading("watch: the whole machine",
	               BEGIN("args=watch --all,watched=the whole machine"), COUNT(""));
	assert_heading("watch: sh (7)", INFO("01", "7", "adopted=true,comm=sh,ppid=1"), "");
}

/* No process of a watch is its command: the first one neither leads the tree nor ends the watch. */
static void a_watch_has_no_command(void **state)
{
	const char *const runs[] = {
		RUN_INFO("00", "args=watch --all,watched=the whole machine"),
		RUN_INFO("00", "args=make"),
	};

	for (size_t i = 0; i < 2; i++) {
		const bool is_watch = i == 0;

		read_rows(runs[i], INFO("00", "7", "comm=a,ppid=1"),
		          INFO("00", "8", "comm=b,ppid=1"), EXIT("02", "0", "7", ""),
		          ROW("process_alive", "09", "1", "8", ""),
		          RUN_END("09", "", "reason=detached,wall-time=9000000000"));
		assert_int_equal(data.n_processes, 2);
		assert_int_equal(report_is_command(&data, 0), !is_watch);
		assert_false(report_is_command(&data, 1));
		assert_int_equal(report_wall_ns(&data, 0), is_watch ? 9000000000 : 2000000000);
	}
}

/* With --wait-tree, what still ran at the interruption was measured up to then. */
static void an_interrupted_run_lasts_until_its_interruption(void **state)
{
	static const char *const ends[] = {
		RUN_END("09", "0", "reason=ended,wall-time=9000000000"),
		RUN_END("09", "0", "reason=interrupted,wall-time=9000000000"),
	};

	for (size_t i = 0; i < 2; i++) {
		read_rows(RUN_INFO("00", "args=make"), INFO("00", "7", "comm=a,ppid=1"),
		          INFO("00", "8", "comm=b,ppid=7"), EXIT("02", "0", "7", ""),
		          ROW("process_alive", "09", "1", "8", ""), ends[i]);
		assert_int_equal(report_wall_ns(&data, 0), i ? 9000000000 : 2000000000);
	}
}

static void runs_stand_side_by_side_or_one_after_the_other(void **state)
{
	read_rows(INFO("00", "7", "comm=a,ppid=1,run=x"), EXIT("02", "0", "7", "run=x"),
	          INFO("09", "7", "comm=b,ppid=1,run=y"), EXIT("10", "0", "7", "run=y"),
	          INFO("09.5", "8", "comm=c,ppid=1,run=z"), EXIT("11", "0", "8", "run=z"));
	assert_int_equal(data.n_runs, 3);
	assert_int_equal(data.n_processes, 3);
	assert_int_equal(data.processes[1].begin_ns, 2000000000);
	assert_int_equal(data.processes[2].begin_ns, 2500000000);
	assert_int_equal(data.end_ns, 4000000000);
}

#define JOULES(time, value, attributes)                                                            \
	"rapl_consumed_energy_J;" DAY time "Z;" value ";cpu_package;0;local_machine;;" attributes  \
	"\n"

static void runs_of_energy_that_are_added_stay_apart(void **state)
{
	read_rows(RUN_INFO("10", "args=a,values=delta"), JOULES("11", "3", "domain=package"),
	          RUN_END("12", "0", "reason=ended"), RUN_INFO("20", "args=a,run=2,values=delta"),
	          JOULES("21", "4", "domain=package,run=2"),
	          RUN_END("22", "0", "reason=ended,run=2"));
	assert_int_equal(data.n_runs, 2);
	assert_string_equal(data.runs[0].id->bytes, "");
	assert_string_equal(data.runs[1].id->bytes, "2");
	assert_int_equal(data.n_energies, 2);
	assert_true(data.energies[0].joules == 3 && data.energies[1].joules == 4);
	assert_true(data.runs[0].has_end && data.runs[1].has_end);
}

#define WHOLE_RUN(name, values, value, status)                                                     \
	RUN_INFO("00", "args=" name ",values=" values)                                             \
	INFO("01", "7", "comm=" name ",ppid=1")                                                    \
	ROW("perf_x", "02", value, "7", "")                                                        \
	EXIT("03", status, "7", "") RUN_END("03", status, "reason=ended")

static void files_put_together_are_several_runs(void **state)
{
	read_rows(WHOLE_RUN("a", "cumulative", "5", "0"), HEADER,
	          WHOLE_RUN("b", "delta", "6", "3"));
	assert_int_equal(data.n_notes, 0);
	assert_int_equal(data.n_runs, 2);
	assert_int_equal(data.n_processes, 2);
	assert_string_equal(data.runs[0].command->bytes, "a");
	assert_string_equal(data.runs[1].command->bytes, "b");
	assert_int_equal(data.runs[0].exit_status, 0);
	assert_int_equal(data.runs[1].exit_status, 3);
	assert_true(value(0, "x") == 5 && value(1, "x") == 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_with_totals_and_with_differences_stand_side_by_side),
		cmocka_unit_test(a_cut_file_is_read_as_far_as_it_goes),
		cmocka_unit_test(a_run_without_its_last_row_is_not_whole),
		cmocka_unit_test(each_run_has_its_own_last_row),
		cmocka_unit_test(files_of_others_have_no_last_row),
		cmocka_unit_test(rows_that_are_none_are_counted),
		cmocka_unit_test(what_is_no_saved_run_is_refused),
		cmocka_unit_test(compressed_files_are_read),
		cmocka_unit_test(compressed_files_that_are_cut_or_damaged_are_noted),
		cmocka_unit_test(a_run_is_headed_by_the_command_that_was_measured),
		cmocka_unit_test(a_watch_has_no_command),
		cmocka_unit_test(an_interrupted_run_lasts_until_its_interruption),
		cmocka_unit_test(runs_of_energy_that_are_added_stay_apart),
		cmocka_unit_test(files_put_together_are_several_runs),
		cmocka_unit_test(runs_stand_side_by_side_or_one_after_the_other),
	};

	return cmocka_run_group_tests_name("report_read", tests, NULL, teardown);
}
