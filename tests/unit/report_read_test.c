/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes and their values, as they are read from saved runs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "report_read_support.h"

static void reads_a_process_with_its_end(void **state)
{
	read_rows(
		INFO("01.000000001", "7", "args=cc \"a b\"\\,c,comm=cc,exe=/usr/bin/cc,ppid=6"),
		ROW("perf_software_PAGE_FAULTS", "01.5", "41", "7", ""),
		EXIT("02", "139", "7",
	             "comm=cc,core=true,cpu-time=5,execs=1,peak-rss=4096,signal=SIGSEGV,start=" DAY
	             "01.000000001Z,threads=3"));
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

static void reads_by_how_much_a_peak_may_be_wrong(void **state)
{
	read_rows(EXIT("02", "0", "7", "comm=a,peak-rss=4096,peak-rss-estimated=1024"),
	          EXIT("02", "0", "8", "comm=b,peak-rss=4096"));
	assert_true(report_estimated(&data, 0, report_field_of(&data, FIELD_PEAK_RSS)) == 1024);
	assert_true(report_estimated(&data, 1, report_field_of(&data, FIELD_PEAK_RSS)) == 0);
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
	read_rows(INFO("00", "1", "comm=root,ppid=0"), EXIT("02", "", "7", "comm=su,threads=1"),
	          ROW("perf_x", "02", "", "7", ""), EXIT("03", "0", "1", ""));
	assert_int_equal(data.n_notes, 0);
	assert_int_equal(data.n_processes, 2);
	assert_true(data.processes[1].has_end && data.processes[1].status_hidden);
	assert_false(data.processes[1].lives);
	assert_true(data.processes[0].has_end && !data.processes[0].status_hidden);
}

static void a_process_that_outlives_the_run_has_what_it_used(void **state)
{
	read_rows(INFO("01", "7", "comm=a,ppid=1"), EXIT("02", "0", "8", "cpu-time=2"),
	          ROW("process_alive", "03", "1", "7",
	              "comm=b,cpu-time=5,execs=4,start=" DAY "01Z,threads=3"));
	assert_true(value(0, "cpu-time") == 5);
	assert_true(data.processes[0].lives && !data.processes[0].has_end);
	assert_int_equal(data.processes[0].threads, 3);
	assert_string_equal(data.processes[0].comm->bytes, "b");
	assert_int_equal(data.processes[0].end_ns, 2000000000);

	/* Of a run of a version without such rows a clock has it, where there is one. */
	read_rows(ROW("perf_software_TASK_CLOCK", "01", "3", "7", ""),
	          ROW("perf_software_TASK_CLOCK", "01", "4", "8", ""),
	          EXIT("02", "0", "8", "cpu-time=2"));
	assert_true(value(0, "cpu-time") == 3);
	assert_true(value(1, "cpu-time") == 2);
}

static void what_a_process_creates_while_it_is_adopted_is_its_child(void **state)
{
	/* The root of the chain is adopted last. */
	read_rows(INFO("05.1", "8", "comm=c,ppid=7"),
	          INFO("05.2", "7", "adopted=true,comm=b,created=" DAY "02Z,ppid=6"),
	          INFO("05.3", "6", "adopted=true,comm=a,created=" DAY "01Z,ppid=1"));
	assert_int_equal(data.processes[0].pid, 6);
	assert_int_equal(data.processes[1].pid, 7);
	assert_int_equal(data.processes[2].pid, 8);
	assert_int_equal(data.processes[1].parent, 0);
	assert_int_equal(data.processes[2].parent, 1);

	/* Another process had the pid when this one was created. */
	read_rows(INFO("05.1", "8", "comm=c,ppid=7"),
	          INFO("05.3", "7", "adopted=true,comm=b,created=" DAY "05.2Z,ppid=6"));
	assert_int_equal(data.processes[0].parent, NO_PROCESS);
	assert_int_equal(data.processes[1].parent, NO_PROCESS);

	/* Two that name each other are no parents, and nothing goes round for ever. */
	read_rows(INFO("05", "8", "adopted=true,comm=c,ppid=7"),
	          INFO("05", "7", "adopted=true,comm=b,ppid=8"));
	assert_int_equal(data.n_processes, 2);
}

static void tells_lives_of_one_pid_apart(void **state)
{
	read_rows(INFO("00", "1", "comm=root,ppid=0"), INFO("01", "7", "comm=a,ppid=1"),
	          EXIT("02", "3", "7", ""), INFO("03", "7", "comm=b,life=2,ppid=1"),
	          ROW("perf_x", "03", "8", "7", "life=2"), INFO("03", "9", "comm=c,ppid=7"),
	          ROW("perf_x", "03", "9", "7", "life=1"));
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
	read_rows(INFO("00", "7", "comm=sh,ppid=1"), INFO("01", "7", "comm=cc,ppid=1"),
	          INFO("02", "7", "comm=ld,ppid=2"));
	assert_int_equal(data.n_processes, 2);
	assert_string_equal(data.processes[0].comm->bytes, "cc");
	assert_string_equal(data.processes[1].comm->bytes, "ld");
}

static void cumulative_values_count_once_and_differences_are_added(void **state)
{
	read_rows(ROW("perf_a", "01", "5", "7", ""), ROW("perf_a", "02", "9", "7", ""),
	          ROW("perf_b", "01", "5", "7", ""), ROW("perf_b", "02", "4", "7", ""),
	          ROW("perf_c", "01", "5", "7", "pmu=cpu_core"),
	          ROW("perf_c", "01", "4", "7", "pmu=cpu_atom"),
	          "attributed_energy_J;" DAY "01Z;0.25;cpu_package;0;process;7;domain=package\n",
	          "attributed_energy_J;" DAY "02Z;0.5;cpu_package;0;process;7;domain=package\n",
	          "attributed_energy_J;" DAY "02Z;0.25;dram;0;process;7;domain=dram\n",
	          "attributed_energy_J;" DAY "02Z;7;cpu_package;0;process;7;domain=pp0\n");
	assert_true(value(0, "a") == 9);
	assert_true(value(0, "b") == 9);
	assert_true(value(0, "c") == 9);
	assert_true(value(0, "attributed-energy") == 1);
}

static void run_info_says_how_values_follow_each_other(void **state)
{
	/* A total that goes down once, as a scaled count may, is not a difference. */
	read_rows(RUN_INFO("00", "values=cumulative"),
	          ROW("process_user_time_ns", "01", "400", "7", ""),
	          ROW("process_user_time_ns", "02", "399", "7", ""),
	          ROW("process_user_time_ns", "01", "100", "8", ""),
	          ROW("process_user_time_ns", "02", "200", "8", ""));
	assert_true(value(0, "user-time") == 399);
	assert_true(value(1, "user-time") == 200);

	/* Differences that only grow are no totals; a peak has no difference. */
	read_rows(RUN_INFO("00", "values=delta"), ROW("perf_a", "01", "100", "7", ""),
	          ROW("perf_a", "02", "200", "7", ""), ROW("perf_a", "03", "300", "7", ""),
	          ROW("process_peak_rss_B", "02", "4096", "7", ""),
	          ROW("process_peak_rss_B", "03", "8192", "7", ""));
	assert_true(value(0, "a") == 600);
	assert_true(value(0, "peak-rss") == 8192);
}

static void a_scaled_or_estimated_value_that_goes_down_is_no_difference(void **state)
{
	read_rows(ROW("perf_a", "01", "9", "7", "scaled=0.5"),
	          ROW("perf_a", "02", "8", "7", "scaled=0.6"),
	          ROW("perf_b", "01", "9", "7", "estimated=0.5"),
	          ROW("perf_b", "02", "8", "7", "estimated=0.5"));
	assert_true(value(0, "a") == 8);
	assert_true(value(0, "b") == 8);
}

static void intervals_tell_when_cpu_time_was_used(void **state)
{
	read_rows(INFO("00", "7", "comm=a,ppid=1"),
	          ROW("perf_software_TASK_CLOCK", "01", "400000000", "7", ""),
	          ROW("perf_software_TASK_CLOCK", "02", "1300000000", "7", ""),
	          ROW("perf_software_TASK_CLOCK", "02", "7", "8", ""));
	assert_int_equal(report_field_of(&data, FIELD_CPU_TIME), 0);
	assert_int_equal(data.n_slices, 2);
	assert_int_equal(data.slices[0].begin_ns, 0);
	assert_int_equal(data.slices[0].end_ns, 1000000000);
	assert_true(data.slices[0].cpu_ns == 4e8 && data.slices[1].cpu_ns == 9e8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_process_with_its_end),
		cmocka_unit_test(reads_by_how_much_a_peak_may_be_wrong),
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
		cmocka_unit_test(intervals_tell_when_cpu_time_was_used),
		cmocka_unit_test(a_process_exit_without_a_status_ends_its_process),
	};

	return cmocka_run_group_tests_name("report_read", tests, NULL, teardown);
}
