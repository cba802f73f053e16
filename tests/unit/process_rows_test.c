/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The points that tell who a process is and how it ended, as an output is given them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/metric_registry.h"
#include "core/pipeline.h"
#include "sources/perf/fields.h"
#include "sources/perf/process_rows.h"
#include "unit/point_printer.h"

struct fixture {
	struct pipeline *pipeline;
	struct metric_registry *metrics;
	struct printer printer;
	struct process_rows *rows;
	struct process process;
	struct account sum;
};

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->metrics = metric_registry_new();
	f->pipeline = pipeline_new(f->metrics);
	printer_init(&f->printer, f->metrics);
	pipeline_add_output(f->pipeline, &f->printer.output);
	fields_clear(f->sum.fields);
	f->process =
		(struct process){.id = {.pid = 4711, .start_ns = 1}, .number = 1, .sum = &f->sum};
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	process_rows_free(f->rows);
	pipeline_free(f->pipeline);
	metric_registry_free(f->metrics);
	free(f);
	return 0;
}

static void use(struct fixture *f, struct process_rows_settings settings)
{
	assert_int_equal(process_rows_new(&settings, f->pipeline, f->metrics, &f->rows), 0);
}

/* What was printed since the last time. */
static void assert_printed(struct fixture *f, const char *expected)
{
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	assert_true(f->printer.all_of_process);
	if (*expected)
		assert_int_equal(f->printer.last_consumer, 4711);
	assert_printed_by(&f->printer, expected);
}

/* --- process_info ----------------------------------------------------------------------------- */

static void a_start_is_told_with_the_parents_name(void **state)
{
	struct fixture *f = *state;

	use(f, (struct process_rows_settings){.info = true});
	f->process.parent.pid = 7;
	strcpy(f->process.birth_comm, "sh");
	strcpy(f->process.comm, "later");
	assert_int_equal(process_rows_started(f->rows, &f->process), 0);
	assert_printed(f, "process_info=1{ppid=7,comm=sh}\n");
	f->process.exe = (char *)"/bin/sh";
	assert_int_equal(process_rows_started(f->rows, &f->process), 0);
	assert_printed(f, "process_info=1{ppid=7,comm=sh,exe=/bin/sh}\n");
}

static void execute(struct fixture *f, const char *args, size_t length, bool is_cut)
{
	f->process.args = (char *)args;
	f->process.args_length = length;
	f->process.args_cut = is_cut;
	assert_int_equal(process_rows_executed(f->rows, &f->process), 0);
}

static void an_exec_is_told_with_its_arguments(void **state)
{
	struct fixture *f = *state;

	use(f, (struct process_rows_settings){.info = true});
	strcpy(f->process.comm, "sort");
	f->process.exe = (char *)"/bin/sort";
	execute(f, "sort\0-u\0a b", 12, false);
	assert_printed(f, "process_info=1{ppid=0,comm=sort,exe=/bin/sort,args=sort -u 'a b'}\n");
	/* Cut in the middle of a word. */
	execute(f, "sort\0-", 6, true);
	assert_printed(f, "process_info=1{ppid=0,comm=sort,exe=/bin/sort,args=sort -,"
	                  "args_cut=true}\n");
	execute(f, "", 0, false);
	assert_printed(f, "process_info=1{ppid=0,comm=sort,exe=/bin/sort,args=}\n");
}

static void a_new_name_is_told_once(void **state)
{
	struct fixture *f = *state;

	use(f, (struct process_rows_settings){.info = true});
	strcpy(f->process.birth_comm, "sh");
	strcpy(f->process.comm, "sh");
	assert_int_equal(process_rows_started(f->rows, &f->process), 0);
	assert_int_equal(process_rows_renamed(f->rows, &f->process, 5), 0);
	assert_printed(f, "process_info=1{ppid=0,comm=sh}\n");
	strcpy(f->process.comm, "worker");
	assert_int_equal(process_rows_renamed(f->rows, &f->process, 6), 0);
	assert_int_equal(process_rows_renamed(f->rows, &f->process, 7), 0);
	assert_printed(f, "process_info=1{ppid=0,comm=worker}\n");
}

static void names_that_fill_their_room_are_whole(void **state)
{
	struct fixture *f = *state;

	use(f, (struct process_rows_settings){.info = true});
	memcpy(f->process.birth_comm, "fifteen letters", COMM_SIZE);
	process_rows_started(f->rows, &f->process);
	assert_printed(f, "process_info=1{ppid=0,comm=fifteen letters}\n");
	/* The kernel ends it with a NUL; nothing is read beyond it if it did not. */
	memset(f->process.birth_comm, 'x', COMM_SIZE);
	process_rows_started(f->rows, &f->process);
	assert_printed(f, "process_info=1{ppid=0,comm=xxxxxxxxxxxxxxxx}\n");
}

static void nothing_is_told_of_processes_when_that_is_off(void **state)
{
	struct fixture *f = *state;

	use(f, (struct process_rows_settings){.info = false, .exit = false});
	assert_int_equal(process_rows_started(f->rows, &f->process), 0);
	execute(f, "a", 2, false);
	strcpy(f->process.comm, "new");
	assert_int_equal(process_rows_renamed(f->rows, &f->process, 2), 0);
	assert_int_equal(process_rows_ended(f->rows, &f->process), 0);
	assert_printed(f, "");
}

/* --- process_exit ----------------------------------------------------------------------------- */

/* The printed start of the process is cut out: it depends on the machine's clock. */
static void assert_exit(struct fixture *f, int wait_status, const char *expected)
{
	char *start, *end;

	f->process.wait_status = wait_status;
	assert_int_equal(process_rows_ended(f->rows, &f->process), 0);
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	start = strstr(f->printer.text, "start=");
	assert_non_null(start);
	end = strchr(start, ',');
	assert_non_null(end);
	assert_int_equal(end - start, strlen("start=2024-05-14T21:28:49.416768909Z"));
	memmove(start, end + 1, strlen(end));
	assert_string_equal(f->printer.text, expected);
	f->printer.length = 0;
}

static void an_end_is_told_as_wait_tells_it(void **state)
{
	struct fixture *f = *state;

	use(f, (struct process_rows_settings){.exit = true});
	strcpy(f->process.comm, "cc1");
	f->process.threads_n = 1;
	f->process.is_complete = true;
	assert_exit(f, 3 << 8,
	            "process_exit=3{comm=cc1,threads=1,execs=0,cpu-time=0,"
	            "wall-time=0}\n");
	assert_exit(f, SIGKILL,
	            "process_exit=137{comm=cc1,threads=1,execs=0,signal=SIGKILL,"
	            "cpu-time=0,wall-time=0}\n");
	assert_exit(f, SIGSEGV | 0x80,
	            "process_exit=139{comm=cc1,threads=1,execs=0,"
	            "signal=SIGSEGV,core=true,cpu-time=0,wall-time=0}\n");
	assert_exit(f, SIGRTMIN + 2,
	            "process_exit=164{comm=cc1,threads=1,execs=0,"
	            "signal=SIGRTMIN+2,cpu-time=0,wall-time=0}\n");
	f->process.oom_killed = true;
	assert_exit(f, SIGKILL,
	            "process_exit=137{comm=cc1,threads=1,execs=0,signal=SIGKILL,"
	            "oom=true,cpu-time=0,wall-time=0}\n");
}

static void an_end_tells_what_the_life_was(void **state)
{
	struct fixture *f = *state;

	use(f, (struct process_rows_settings){.exit = true});
	strcpy(f->process.comm, "cc1");
	f->process.threads_n = 12;
	f->process.is_complete = true;
	f->process.begin_ns = 1000;
	f->process.end_ns = 5000;
	f->sum.kernel.cpu_ns = 3000;
	f->sum.fields[TASK_EXECS] = 2;
	f->sum.fields[TASK_PEAK_RSS] = 8192;
	f->sum.fields[TASK_RUNQUEUE_WAIT] = 7;
	f->sum.fields[TASK_BLOCK_WAIT] = 9;
	assert_exit(f, 0,
	            "process_exit=0{comm=cc1,threads=12,execs=2,cpu-time=3000,"
	            "wall-time=4000,peak-rss=8192,runqueue-wait=7,block-wait=9}\n");
	f->process.shared_rss = 8192;
	assert_exit(f, 0,
	            "process_exit=0{comm=cc1,threads=12,execs=2,cpu-time=3000,"
	            "wall-time=4000,peak-rss=8192,peak-rss-estimated=8192,runqueue-wait=7,"
	            "block-wait=9}\n");
}

static void who_goes_on_tells_what_its_life_was_so_far(void **state)
{
	struct fixture *f = *state;

	use(f, (struct process_rows_settings){.exit = true});
	strcpy(f->process.comm, "cc1");
	f->process.begin_ns = 1000;
	f->process.end_ns = 5000;
	f->sum.kernel.cpu_ns = 3000;
	assert_int_equal(process_rows_alive(f->rows, &f->process), 0);
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	assert_non_null(strstr(f->printer.text, "process_alive=1{comm=cc1,start="));
	assert_non_null(strstr(f->printer.text, ",execs=0,cpu-time=3000,wall-time=4000}\n"));
	f->printer.text[f->printer.length = 0] = '\0';
	use(f, (struct process_rows_settings){.info = true});
	assert_int_equal(process_rows_alive(f->rows, &f->process), 0);
	assert_printed(f, "");
}

/* --- which life of its pid -------------------------------------------------------------------- */

static void the_second_life_of_a_pid_is_numbered(void **state)
{
	struct fixture *f = *state;

	use(f, (struct process_rows_settings){.exit = true});
	assert_exit(f, 0, "process_exit=0{comm=,threads=0,execs=0,cpu-time=0,wall-time=0}\n");
	assert_int_equal(f->printer.last_life, 0);
	f->process.number = 2;
	assert_exit(f, 0, "process_exit=0{comm=,threads=0,execs=0,cpu-time=0,wall-time=0}\n");
	assert_int_equal(f->printer.last_life, 2);
}

static void every_life_is_numbered_on_request(void **state)
{
	struct fixture *f = *state;

	use(f, (struct process_rows_settings){.exit = true, .number_all = true});
	assert_exit(f, 0, "process_exit=0{comm=,threads=0,execs=0,cpu-time=0,wall-time=0}\n");
	assert_int_equal(f->printer.last_life, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(a_start_is_told_with_the_parents_name),
		TEST(an_exec_is_told_with_its_arguments),
		TEST(a_new_name_is_told_once),
		TEST(names_that_fill_their_room_are_whole),
		TEST(nothing_is_told_of_processes_when_that_is_off),
		TEST(an_end_is_told_as_wait_tells_it),
		TEST(an_end_tells_what_the_life_was),
		TEST(who_goes_on_tells_what_its_life_was_so_far),
		TEST(the_second_life_of_a_pid_is_numbered),
		TEST(every_life_is_numbered_on_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
