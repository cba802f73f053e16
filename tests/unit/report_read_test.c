/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#include "core/log.h"
#include "report/heading.h"
#include "report/read.h"
#include "unit/messages.h"

#define HEADER                                                                                     \
	"metric;timestamp;value;resource_kind;resource_id;consumer_kind;consumer_id;"              \
	"__late_attributes\n"
#define DAY "2026-11-26T10:00:"

static struct report_data data;

static void read_bytes(const void *bytes, size_t n)
{
	char path[32];
	const char *const paths[] = {path};
	const int file = memfd_create("run", 0);

	report_data_fini(&data);
	assert_int_equal(write(file, bytes, n), n);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	assert_int_equal(report_read(paths, 1, &data), 0);
	close(file);
}

static void read_text(const char *text)
{
	read_bytes(text, strlen(text));
}

static double value(size_t process, const char *name)
{
	for (size_t i = 0; i < data.n_fields; i++) {
		if (strcmp(data.fields[i].name, name) == 0)
			return report_value(&data, process, (int)i);
	}
	fail_msg("no field %s", name);
	return 0;
}

static int teardown(void **state)
{
	report_data_fini(&data);
	return 0;
}

static void reads_a_process_with_its_end(void **state)
{
	read_text(
		HEADER
		"process_info;" DAY "01.000000001Z;1;local_machine;;process;7;args=cc \"a b\"\\,c,"
		"comm=cc,exe=/usr/bin/cc,ppid=6\n"
		"perf_software_PAGE_FAULTS;" DAY "01.5Z;41;local_machine;;process;7;\n"
		"process_exit;" DAY "02Z;139;local_machine;;process;7;comm=cc,core=true,cpu-time=5,"
		"execs=1,peak-rss=4096,signal=SIGSEGV,start=" DAY "01.000000001Z,threads=3\n");
	assert_int_equal(data.n_processes, 1);
	assert_int_equal(data.n_notes, 0);
	const struct report_process *process = &data.processes[0];

	assert_int_equal(process->pid, 7);
	assert_int_equal(process->parent_pid, 6);
	assert_int_equal(process->parent, NO_PROCESS);
	assert_string_equal(process->args->bytes, "cc \"a b\",c");
	assert_string_equal(process->exe->bytes, "/usr/bin/cc");
	assert_int_equal(process->end_ns - process->begin_ns, 999999999);
	assert_int_equal(process->signal, 11);
	assert_true(process->core && process->has_end && !process->lives);
	assert_int_equal(process->threads, 3);
	assert_true(value(0, "cpu-time") == 5 && value(0, "peak-rss") == 4096);
	assert_true(value(0, "page-faults") == 41);
}

static void reads_the_example_of_alumets_documentation(void **state)
{
	read_text("metric                       ;timestamp                      ;value             "
	          ";resource_kind ;resource_id ;consumer_kind ;consumer_id ;__late_attributes\n"
	          "perf_hardware_REF_CPU_CYCLES ;2024-05-14T21:28:49.416768909Z ; 12               "
	          ";local_machine ;            ;process       ;     728039 ;\n"
	          "rapl_consumed_energy_J       ;2024-05-14T21:28:50.389874134Z ; 0.89825439453125 "
	          ";dram          ;          0 ;local_machine ;            ;domain=dram\n");
	assert_int_equal(data.n_processes, 1);
	assert_int_equal(data.processes[0].pid, 728039);
	assert_true(value(0, "ref-cpu-cycles") == 12);
	assert_int_equal(data.n_energies, 1);
	assert_string_equal(data.energies[0].domain->bytes, "dram");
	assert_true(data.energies[0].joules == 0.89825439453125);
	assert_int_equal(data.energies[0].samples[0].time_ns, 973105225);
}

static void reads_attributes_that_are_columns_and_other_delimiters(void **state)
{
	read_text("metric,timestamp,value,resource_kind,resource_id,consumer_kind,consumer_id,args,"
	          "comm,__late_attributes\r\n"
	          "process_info," DAY "01Z,1,local_machine,,process,7,\"a, \"\"b\"\"\nc\",x,"
	          "odd=1\\|2|ppid=3\r\n"
	          "perf_x," DAY "01Z,5,local_machine,,process,7,,,\r\n");
	assert_int_equal(data.n_notes, 0);
	assert_string_equal(data.processes[0].args->bytes, "a, \"b\"\nc");
	assert_string_equal(data.processes[0].comm->bytes, "x");
	assert_int_equal(data.processes[0].parent_pid, 3);
	assert_true(value(0, "x") == 5);
}

static void finds_a_delimiter_of_several_bytes(void **state)
{
	read_text("metric§timestamp§value§consumer_kind§consumer_id§__late_attributes\n"
	          "process_info§" DAY "01Z§1§process§7§comm=a§ppid=3\n"
	          "process_info§" DAY "01Z§1§process§7§comm=b·ppid=3\n");
	/* The first row has a cell too many. */
	assert_int_equal(data.n_notes, 1);
	assert_string_equal(data.processes[0].comm->bytes, "b");
	assert_int_equal(data.processes[0].parent_pid, 3);
}

static void a_process_exit_without_a_status_ends_its_process(void **state)
{
	read_text(HEADER "process_info;" DAY "00Z;1;local_machine;;process;1;comm=root,ppid=0\n"
	                 "process_exit;" DAY "02Z;;local_machine;;process;7;comm=su,threads=1\n"
	                 "perf_x;" DAY "02Z;;local_machine;;process;7;\n"
	                 "process_exit;" DAY "03Z;0;local_machine;;process;1;\n");
	assert_int_equal(data.n_notes, 0);
	assert_int_equal(data.n_processes, 2);
	assert_true(data.processes[1].has_end && data.processes[1].status_hidden);
	assert_false(data.processes[1].lives);
	assert_true(data.processes[0].has_end && !data.processes[0].status_hidden);
}

static void a_process_that_outlives_the_run_has_what_it_used(void **state)
{
	read_text(HEADER "process_info;" DAY "01Z;1;local_machine;;process;7;comm=a,ppid=1\n"
	                 "process_exit;" DAY "02Z;0;local_machine;;process;8;cpu-time=2\n"
	                 "process_alive;" DAY "03Z;1;local_machine;;process;7;comm=b,cpu-time=5,"
	                 "execs=4,start=" DAY "01Z,threads=3\n");
	assert_true(value(0, "cpu-time") == 5);
	assert_true(data.processes[0].lives && !data.processes[0].has_end);
	assert_int_equal(data.processes[0].threads, 3);
	assert_string_equal(data.processes[0].comm->bytes, "b");
	assert_int_equal(data.processes[0].end_ns, 2000000000);

	/* Of a run of a version without such rows a clock has it, where there is one. */
	read_text(HEADER "perf_software_TASK_CLOCK;" DAY "01Z;3;local_machine;;process;7;\n"
	                 "perf_software_TASK_CLOCK;" DAY "01Z;4;local_machine;;process;8;\n"
	                 "process_exit;" DAY "02Z;0;local_machine;;process;8;cpu-time=2\n");
	assert_true(value(0, "cpu-time") == 3);
	assert_true(value(1, "cpu-time") == 2);
}

static void what_a_process_creates_while_it_is_adopted_is_its_child(void **state)
{
	/* The root of the chain is adopted last. */
	read_text(HEADER "process_info;" DAY "05.1Z;1;local_machine;;process;8;comm=c,ppid=7\n"
	                 "process_info;" DAY "05.2Z;1;local_machine;;process;7;adopted=true,"
	                 "comm=b,created=" DAY "02Z,ppid=6\n"
	                 "process_info;" DAY "05.3Z;1;local_machine;;process;6;adopted=true,"
	                 "comm=a,created=" DAY "01Z,ppid=1\n");
	assert_int_equal(data.processes[0].pid, 6);
	assert_int_equal(data.processes[1].pid, 7);
	assert_int_equal(data.processes[2].pid, 8);
	assert_int_equal(data.processes[1].parent, 0);
	assert_int_equal(data.processes[2].parent, 1);

	/* Another process had the pid when this one was created. */
	read_text(HEADER "process_info;" DAY "05.1Z;1;local_machine;;process;8;comm=c,ppid=7\n"
	                 "process_info;" DAY "05.3Z;1;local_machine;;process;7;adopted=true,"
	                 "comm=b,created=" DAY "05.2Z,ppid=6\n");
	assert_int_equal(data.processes[0].parent, NO_PROCESS);
	assert_int_equal(data.processes[1].parent, NO_PROCESS);

	/* Two that name each other are no parents, and nothing goes round for ever. */
	read_text(HEADER "process_info;" DAY "05Z;1;local_machine;;process;8;adopted=true,comm=c,"
	                 "ppid=7\n"
	                 "process_info;" DAY "05Z;1;local_machine;;process;7;adopted=true,comm=b,"
	                 "ppid=8\n");
	assert_int_equal(data.n_processes, 2);
}

static void tells_lives_of_one_pid_apart(void **state)
{
	read_text(HEADER "process_info;" DAY "00Z;1;local_machine;;process;1;comm=root,ppid=0\n"
	                 "process_info;" DAY "01Z;1;local_machine;;process;7;comm=a,ppid=1\n"
	                 "process_exit;" DAY "02Z;3;local_machine;;process;7;\n"
	                 "process_info;" DAY "03Z;1;local_machine;;process;7;comm=b,life=2,ppid=1\n"
	                 "perf_x;" DAY "03Z;8;local_machine;;process;7;life=2\n"
	                 "process_info;" DAY "03Z;1;local_machine;;process;9;comm=c,ppid=7\n"
	                 "perf_x;" DAY "03Z;9;local_machine;;process;7;life=1\n");
	assert_int_equal(data.n_processes, 4);
	assert_string_equal(data.processes[1].comm->bytes, "a");
	assert_int_equal(data.processes[1].exit_status, 3);
	assert_string_equal(data.processes[2].comm->bytes, "b");
	assert_true(data.processes[2].lives);
	assert_int_equal(data.processes[2].parent, 0);
	assert_string_equal(data.processes[3].comm->bytes, "c");
	assert_int_equal(data.processes[3].parent, 2);
	assert_true(value(1, "x") == 9 && value(2, "x") == 8);
}

static void takes_an_exec_for_one_and_a_new_parent_for_another_process(void **state)
{
	read_text(HEADER "process_info;" DAY "00Z;1;local_machine;;process;7;comm=sh,ppid=1\n"
	                 "process_info;" DAY "01Z;1;local_machine;;process;7;comm=cc,ppid=1\n"
	                 "process_info;" DAY "02Z;1;local_machine;;process;7;comm=ld,ppid=2\n");
	assert_int_equal(data.n_processes, 2);
	assert_string_equal(data.processes[0].comm->bytes, "cc");
	assert_string_equal(data.processes[1].comm->bytes, "ld");
}

static void cumulative_values_count_once_and_differences_are_added(void **state)
{
	read_text(HEADER
	          "perf_a;" DAY "01Z;5;local_machine;;process;7;\n"
	          "perf_a;" DAY "02Z;9;local_machine;;process;7;\n"
	          "perf_b;" DAY "01Z;5;local_machine;;process;7;\n"
	          "perf_b;" DAY "02Z;4;local_machine;;process;7;\n"
	          "perf_c;" DAY "01Z;5;local_machine;;process;7;pmu=cpu_core\n"
	          "perf_c;" DAY "01Z;4;local_machine;;process;7;pmu=cpu_atom\n"
	          "attributed_energy_J;" DAY "01Z;0.25;cpu_package;0;process;7;domain=package\n"
	          "attributed_energy_J;" DAY "02Z;0.5;cpu_package;0;process;7;domain=package\n"
	          "attributed_energy_J;" DAY "02Z;0.25;dram;0;process;7;domain=dram\n"
	          "attributed_energy_J;" DAY "02Z;7;cpu_package;0;process;7;domain=pp0\n");
	assert_true(value(0, "a") == 9);
	assert_true(value(0, "b") == 9);
	assert_true(value(0, "c") == 9);
	assert_true(value(0, "attributed-energy") == 1);
}

static void run_info_says_how_values_follow_each_other(void **state)
{
	/* A total that goes down once, as a scaled count may, is not a difference. */
	read_text(HEADER "run_info;" DAY "00Z;1;local_machine;;local_machine;;values=cumulative\n"
	                 "process_user_time_ns;" DAY "01Z;400;local_machine;;process;7;\n"
	                 "process_user_time_ns;" DAY "02Z;399;local_machine;;process;7;\n"
	                 "process_user_time_ns;" DAY "01Z;100;local_machine;;process;8;\n"
	                 "process_user_time_ns;" DAY "02Z;200;local_machine;;process;8;\n");
	assert_true(value(0, "user-time") == 399);
	assert_true(value(1, "user-time") == 200);

	/* Differences that only grow are no totals; a peak has no difference. */
	read_text(HEADER "run_info;" DAY "00Z;1;local_machine;;local_machine;;values=delta\n"
	                 "perf_a;" DAY "01Z;100;local_machine;;process;7;\n"
	                 "perf_a;" DAY "02Z;200;local_machine;;process;7;\n"
	                 "perf_a;" DAY "03Z;300;local_machine;;process;7;\n"
	                 "process_peak_rss_B;" DAY "02Z;4096;local_machine;;process;7;\n"
	                 "process_peak_rss_B;" DAY "03Z;8192;local_machine;;process;7;\n");
	assert_true(value(0, "a") == 600);
	assert_true(value(0, "peak-rss") == 8192);
}

static void a_scaled_or_estimated_value_that_goes_down_is_no_difference(void **state)
{
	read_text(HEADER "perf_a;" DAY "01Z;9;local_machine;;process;7;scaled=0.5\n"
	                 "perf_a;" DAY "02Z;8;local_machine;;process;7;scaled=0.6\n"
	                 "perf_b;" DAY "01Z;9;local_machine;;process;7;estimated=0.5\n"
	                 "perf_b;" DAY "02Z;8;local_machine;;process;7;estimated=0.5\n");
	assert_true(value(0, "a") == 8);
	assert_true(value(0, "b") == 8);
}

static void runs_with_totals_and_with_differences_stand_side_by_side(void **state)
{
	read_text(HEADER
	          "run_info;" DAY "00Z;1;local_machine;;local_machine;;run=1,values=delta\n"
	          "perf_a;" DAY "01Z;9;local_machine;;process;7;run=1\n"
	          "perf_a;" DAY "02Z;1;local_machine;;process;7;run=1\n"
	          "run_info;" DAY "03Z;1;local_machine;;local_machine;;run=2,values=cumulative\n"
	          "perf_a;" DAY "04Z;9;local_machine;;process;7;run=2\n"
	          "perf_a;" DAY "05Z;10;local_machine;;process;7;run=2\n");
	assert_true(value(0, "a") == 10);
	assert_true(value(1, "a") == 10);
}

static void intervals_tell_when_cpu_time_was_used(void **state)
{
	read_text(HEADER "process_info;" DAY "00Z;1;local_machine;;process;7;comm=a,ppid=1\n"
	                 "perf_software_TASK_CLOCK;" DAY "01Z;400000000;local_machine;;process;7;\n"
	                 "perf_software_TASK_CLOCK;" DAY
	                 "02Z;1300000000;local_machine;;process;7;\n"
	                 "perf_software_TASK_CLOCK;" DAY "02Z;7;local_machine;;process;8;\n");
	assert_int_equal(report_field_of(&data, FIELD_CPU_TIME), 0);
	assert_int_equal(data.n_slices, 2);
	assert_int_equal(data.slices[0].begin_ns, 0);
	assert_int_equal(data.slices[0].end_ns, 1000000000);
	assert_true(data.slices[0].cpu_ns == 4e8 && data.slices[1].cpu_ns == 9e8);
}

static void a_cut_file_is_read_as_far_as_it_goes(void **state)
{
	read_text(HEADER "perf_a;" DAY "01Z;5;local_machine;;process;7;\n"
	                 "perf_a;" DAY "02Z;9;local_machine;;pro");
	assert_true(value(0, "a") == 5);
	assert_int_equal(data.n_notes, 1);
	assert_non_null(strstr(data.notes[0], "unfinished"));

	/* Quotes that never close: nothing behind them is taken for their cell, nothing hangs. */
	read_text(HEADER "perf_a;" DAY "01Z;5;local_machine;;process;7;\n"
	                 "perf_a;" DAY "02Z;9;local_machine;;process;7;\"a=\n"
	                 "perf_a;" DAY "03Z;11;local_machine;;process;7;\n");
	assert_true(value(0, "a") == 11);
	assert_int_equal(data.n_notes, 2);
}

#define BEGIN(attributes)                                                                          \
	"run_info;" DAY "00Z;1;local_machine;;local_machine;;" attributes "\n"
#define END(attributes)                                                                            \
	"run_end;" DAY "09Z;0;local_machine;;local_machine;;" attributes "\n"
#define ROW(attributes) "perf_a;" DAY "01Z;5;local_machine;;process;7;" attributes "\n"

static void a_run_without_its_last_row_is_not_whole(void **state)
{
	read_text(HEADER BEGIN("values=cumulative") ROW("") END("wall-time=8"));
	assert_int_equal(data.n_notes, 0);
	assert_false(data.runs[0].lacks_end);
	assert_int_equal(report_wall_ns(&data, 0), 8);

	read_text(HEADER BEGIN("values=cumulative") ROW(""));
	assert_true(data.runs[0].lacks_end);
	assert_int_equal(data.n_notes, 1);
	assert_non_null(strstr(data.notes[0], "the last rows of the run are missing"));

	/* It is said once. */
	read_text(HEADER BEGIN("values=cumulative") "perf_a;" DAY "02Z;9;local_machine;;pro");
	assert_true(data.runs[0].lacks_end);
	assert_int_equal(data.n_notes, 1);
}

static void each_run_has_its_own_last_row(void **state)
{
	read_text(HEADER BEGIN("run=1,values=delta") ROW("run=1") END("run=1")
	                  BEGIN("run=2,values=delta") ROW("run=2")
	                          BEGIN("run=3,values=delta") ROW("run=3") END("run=3"));
	assert_int_equal(data.n_runs, 3);
	assert_false(data.runs[0].lacks_end);
	assert_true(data.runs[1].lacks_end);
	assert_false(data.runs[2].lacks_end);
	assert_int_equal(data.n_notes, 1);
	assert_non_null(strstr(data.notes[0], "of run 2 are"));
}

static void files_of_others_have_no_last_row(void **state)
{
	read_text(HEADER BEGIN("cpus=2") ROW(""));
	assert_int_equal(data.n_notes, 0);
	assert_false(data.runs[0].lacks_end);
}

static void rows_that_are_none_are_counted(void **state)
{
	read_text(HEADER "perf_a;" DAY "01Z;5;local_machine;;process;7;\n"
	                 "perf_a;yesterday;5;local_machine;;process;7;\n"
	                 "perf_a;" DAY "02Z;many;local_machine;;process;7;\n"
	                 "perf_a;" DAY "02Z;9;local_machine;;process;4294967296;\n"
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
	assert_int_equal(result, -EINVAL);
}

/* ---- compressed ---- */

#define RUN                                                                                        \
	HEADER "perf_a;" DAY "01Z;5;local_machine;;process;7;\n"                                   \
	       "perf_a;" DAY "02Z;9;local_machine;;process;7;\n"

static size_t gzip(char *to, size_t size)
{
	z_stream stream = {.next_in = (Bytef *)RUN, .avail_in = sizeof(RUN) - 1};

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
	n = ZSTD_compress(bytes, sizeof(bytes), RUN, sizeof(RUN) - 1, 3);
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

static void assert_heading(const char *text, const char *expected)
{
	char *heading;

	read_text(text);
	heading = report_heading(&data, 0);
	assert_string_equal(heading, expected);
	free(heading);
}

static void a_run_is_headed_by_the_command_that_was_measured(void **state)
{
	/* Whatever its first process executed: it may have been missed, or be another one. */
	assert_heading(HEADER BEGIN("args=make 'a  b'") "process_info;" DAY
	                                                "01Z;1;local_machine;;process;7;args=cc1,"
	                                                "comm=cc1,ppid=1\n",
	               "make a  b");
	assert_heading(HEADER "process_info;" DAY "01Z;1;local_machine;;process;7;args=cc -c 'a b',"
	                      "comm=cc,ppid=1\n",
	               "cc -c a b");
	assert_heading(HEADER "perf_a;" DAY "01Z;1;local_machine;;process;7;\n", "pid 7");
	assert_heading(HEADER BEGIN("cpus=2"), "no processes");
	/* A watch has the heading that it had; in older files, the processes that were adopted. */
	assert_heading(HEADER BEGIN("args=watch --all,watched=the whole machine") ROW(""),
	               "watch: the whole machine");
	assert_heading(HEADER "process_info;" DAY "01Z;1;local_machine;;process;7;adopted=true,"
	                      "comm=sh,ppid=1\n",
	               "watch: sh (7)");
}

static void runs_stand_side_by_side_or_one_after_the_other(void **state)
{
	read_text(HEADER "process_info;" DAY "00Z;1;local_machine;;process;7;comm=a,ppid=1,run=x\n"
	                 "process_exit;" DAY "02Z;0;local_machine;;process;7;run=x\n"
	                 "process_info;" DAY "09Z;1;local_machine;;process;7;comm=b,ppid=1,run=y\n"
	                 "process_exit;" DAY "10Z;0;local_machine;;process;7;run=y\n"
	                 "process_info;" DAY
	                 "09.5Z;1;local_machine;;process;8;comm=c,ppid=1,run=z\n"
	                 "process_exit;" DAY "11Z;0;local_machine;;process;8;run=z\n");
	assert_int_equal(data.n_runs, 3);
	assert_int_equal(data.n_processes, 3);
	assert_int_equal(data.processes[1].begin_ns, 2000000000);
	assert_int_equal(data.processes[2].begin_ns, 2500000000);
	assert_int_equal(data.end_ns, 4000000000);
}

static void files_put_together_are_several_runs(void **state)
{
	static const char run[] =
		HEADER "run_info;" DAY "00Z;1;local_machine;;local_machine;;args=%c,values=%s\n"
		       "process_info;" DAY "01Z;1;local_machine;;process;7;comm=%c,ppid=1\n"
		       "perf_x;" DAY "02Z;%d;local_machine;;process;7;\n"
		       "process_exit;" DAY "03Z;%d;local_machine;;process;7;\n"
		       "run_end;" DAY "03Z;%d;local_machine;;local_machine;;reason=ended\n";
	char text[2048];
	int n = snprintf(text, sizeof(text), run, 'a', "cumulative", 'a', 5, 0, 0);

	snprintf(text + n, sizeof(text) - (size_t)n, run, 'b', "delta", 'b', 6, 3, 3);
	read_text(text);
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
		cmocka_unit_test(reads_a_process_with_its_end),
		cmocka_unit_test(reads_the_example_of_alumets_documentation),
		cmocka_unit_test(reads_attributes_that_are_columns_and_other_delimiters),
		cmocka_unit_test(finds_a_delimiter_of_several_bytes),
		cmocka_unit_test(a_process_that_outlives_the_run_has_what_it_used),
		cmocka_unit_test(what_a_process_creates_while_it_is_adopted_is_its_child),
		cmocka_unit_test(tells_lives_of_one_pid_apart),
		cmocka_unit_test(takes_an_exec_for_one_and_a_new_parent_for_another_process),
		cmocka_unit_test(cumulative_values_count_once_and_differences_are_added),
		cmocka_unit_test(run_info_says_how_values_follow_each_other),
		cmocka_unit_test(a_scaled_or_estimated_value_that_goes_down_is_no_difference),
		cmocka_unit_test(runs_with_totals_and_with_differences_stand_side_by_side),
		cmocka_unit_test(intervals_tell_when_cpu_time_was_used),
		cmocka_unit_test(a_cut_file_is_read_as_far_as_it_goes),
		cmocka_unit_test(a_run_without_its_last_row_is_not_whole),
		cmocka_unit_test(each_run_has_its_own_last_row),
		cmocka_unit_test(files_of_others_have_no_last_row),
		cmocka_unit_test(rows_that_are_none_are_counted),
		cmocka_unit_test(what_is_no_saved_run_is_refused),
		cmocka_unit_test(compressed_files_are_read),
		cmocka_unit_test(a_process_exit_without_a_status_ends_its_process),
		cmocka_unit_test(compressed_files_that_are_cut_or_damaged_are_noted),
		cmocka_unit_test(a_run_is_headed_by_the_command_that_was_measured),
		cmocka_unit_test(files_put_together_are_several_runs),
		cmocka_unit_test(runs_stand_side_by_side_or_one_after_the_other),
	};

	return cmocka_run_group_tests_name("report_read", tests, NULL, teardown);
}
