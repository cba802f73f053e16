/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "core/pipeline.h"
#include "outputs/file/csv_scan.h"
#include "unit/csv_support.h"

static void writes_header_and_rows(void **state)
{
	struct fixture *f = *state;

	run(f);
	assert_file(f->path, HEADER ROW);
	run(f);
	assert_file(f->path, HEADER ROW);
}

static void a_run_without_points_leaves_the_header(void **state)
{
	struct fixture *f = *state;
	struct output *output = open_output(f);

	assert_int_equal(csv_output.begin(output, NULL), 0);
	assert_int_equal(csv_output.end(output, NULL), 0);
	csv_output.close(output);
	assert_file(f->path, HEADER);
}

static void a_command_that_could_not_start_changes_nothing(void **state)
{
	struct fixture *f = *state;

	csv_output.close(open_output(f));
	assert_int_equal(access(f->path, F_OK), -1);
	write_file(f->path, "precious");
	csv_output.close(open_output(f));
	assert_file(f->path, "precious");
	f->settings.append = true;
	write_file(f->path, HEADER);
	csv_output.close(open_output(f));
	assert_file(f->path, HEADER);
	write_file(f->path, "");
	csv_output.close(open_output(f));
	assert_file(f->path, "");
}

static void refuses_bad_settings_without_creating_a_file(void **state)
{
	struct fixture *f = *state;

	f->settings.csv_delimiter = "ab";
	assert_open_refused(f, EINVAL, "csv_delimiter");
	assert_int_equal(access(f->path, F_OK), -1);
	f->settings.csv_delimiter = ";";
	f->settings.output_path = "%q.csv";
	assert_open_refused(f, EINVAL, "%q");
	f->settings.output_path = "/no/such/folder.csv";
	assert_open_refused(f, ENOENT, "mkdir -p");
}

static void expands_the_path(void **state)
{
	struct fixture *f = *state;
	char pattern[128], expected[160];

	snprintf(pattern, sizeof(pattern), "%s/%%p.csv", f->folder.path);
	snprintf(expected, sizeof(expected), "%s/%d.csv", f->folder.path, (int)getpid());
	f->settings.output_path = pattern;
	run(f);
	assert_file(expected, HEADER ROW);
}

static void hands_rows_over_when_told(void **state)
{
	struct fixture *f = *state;
	struct output *output = open_output(f);

	assert_int_equal(csv_output.begin(output, NULL), 0);
	assert_int_equal(write_row(f, output), 0);
	assert_file(f->path, HEADER ROW);
	csv_output.close(output);

	f->settings.force_flush = false;
	output = open_output(f);
	assert_int_equal(csv_output.begin(output, NULL), 0);
	assert_int_equal(write_row(f, output), 0);
	assert_file(f->path, HEADER);
	csv_output.close(output);
	assert_file(f->path, HEADER ROW);
}

static void says_once_that_the_disk_is_full(void **state)
{
	struct fixture *f = *state;
	struct output *output;
	struct capture capture;

	f->settings.output_path = "/dev/full";
	capture_begin(&capture);
	output = open_output(f);
	assert_int_equal(csv_output.begin(output, NULL), -ENOSPC);
	csv_output.close(output);
	capture_end_expecting(&capture, "'/dev/full': No space left");

	f->settings.force_flush = false;
	f->settings.output_path = f->path;
	run(f);
}

static void says_once_that_a_buffered_row_could_not_be_written(void **state)
{
	struct fixture *f = *state;
	struct rlimit old, limit;
	struct output *output;
	struct capture capture;

	f->settings.force_flush = false;
	output = open_output(f);
	assert_int_equal(csv_output.begin(output, NULL), 0);
	assert_int_equal(write_row(f, output), 0);
	assert_int_equal(write_row(f, output), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = old;
	limit.rlim_cur = strlen(HEADER ROW) + 10;
	capture_begin(&capture);
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(csv_output.end(output, NULL), -EFBIG);
	csv_output.close(output);
	setrlimit(RLIMIT_FSIZE, &old);
	signal(SIGXFSZ, SIG_DFL);
	capture_end_expecting(&capture, "File too large");
	assert_file(f->path, HEADER ROW);
}

/* Until the file has something in it; 10 s at most. */
static void wait_for_content(const char *path)
{
	struct stat status = {0};

	for (int i = 0; i < 10000 && (stat(path, &status) || status.st_size == 0); i++)
		usleep(1000);
}

/*
 * A killed agent: at any moment, the file is whole rows (a cell with a line end among them). But
 * the kernel ends a write() of a killed process between two pages, so a row across them may be
 * torn.
 */
static void a_killed_writer_leaves_whole_rows(void **state)
{
	struct fixture *f = *state;
	struct attribute attribute = {"args", "one\ntwo; \"three\"", 16};
	struct point point = {.metric = f->count, .n_attributes = 1, .attributes = &attribute};

	for (int i = 0; i < 10; i++) {
		pid_t child = fork();
		size_t n;
		char *data;

		if (child == 0) {
			struct output *output = open_output(f);

			csv_output.begin(output, NULL);
			for (;;)
				csv_output.write(output, &point, 1);
		}
		wait_for_content(f->path);
		usleep(3000);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		data = read_file(f->path, &n);
		assert_non_null(data);
		if (n % (size_t)sysconf(_SC_PAGESIZE) != 0)
			assert_int_equal(csv_whole_rows(data, n), n);
		free(data);
	}
}

static void finds_whole_rows_across_blocks(void **state)
{
	static const char text[] = "a;b\nc;\"d\n\"\"e\"\nf\"\n\";g\nh";
	static const size_t ends[] = {0, 4, 14, 21};

	for (size_t cut = 0; cut <= strlen(text); cut++) {
		for (size_t n = cut; n <= strlen(text); n++) {
			struct csv_scan scan = {.quoted = false};
			size_t expected = 0;

			csv_scan(&scan, text, cut);
			csv_scan(&scan, text + cut, n - cut);
			for (size_t i = 0; i < 4; i++)
				expected = ends[i] <= n ? ends[i] : expected;
			assert_int_equal(scan.n_whole, expected);
			assert_int_equal(scan.n_scanned, n);
		}
	}
}

static int wait_as_told(void *data, int fd)
{
	return *(int *)data;
}

static void keeps_what_it_must_not_wait_for(void **state)
{
	struct fixture *f = *state;
	int pipes[2], result = -EAGAIN;
	struct output *output;
	char name[32], *data;

	assert_int_equal(pipe(pipes), 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", pipes[1]);
	f->settings.output_path = name;
	f->context.wait = wait_as_told;
	f->context.data = &result;
	output = open_output(f);
	close(pipes[1]);
	assert_int_equal(csv_output.begin(output, NULL), 0);
	assert_int_equal(write_row(f, output), 0);
	assert_int_equal(write_row(f, output), 0);
	result = 0;
	assert_int_equal(csv_output.end(output, NULL), 0);
	csv_output.close(output);
	data = read_descriptor(pipes[0], NULL);
	assert_string_equal(data, HEADER ROW ROW);
	close(pipes[0]);
	free(data);
}

static void takes_a_row_larger_than_its_buffer(void **state)
{
	struct fixture *f = *state;
	struct output *output = open_output(f);
	char *text = malloc(3000000), *data;
	struct attribute attribute = {"args", text, 3000000};
	struct point point = {.metric = f->count, .n_attributes = 1, .attributes = &attribute};
	size_t n;

	memset(text, 'a', 3000000);
	assert_int_equal(csv_output.begin(output, NULL), 0);
	assert_int_equal(csv_output.write(output, &point, 1), 0);
	assert_int_equal(write_row(f, output), 0);
	assert_int_equal(csv_output.end(output, NULL), 0);
	csv_output.close(output);
	data = read_file(f->path, &n);
	assert_true(n > 3000000);
	assert_string_equal(data + n - strlen(ROW), ROW);
	free(data);
	free(text);
}

static void writes_what_comes_through_the_pipeline_in_time_order(void **state)
{
	struct fixture *f = *state;
	struct pipeline *pipeline = pipeline_new(NULL);
	struct output *output = open_output(f);
	char *data, *row, previous[32] = "";

	assert_int_equal(pipeline_add_output(pipeline, output), 0);
	assert_int_equal(csv_output.begin(output, NULL), 0);
	for (uint64_t i = 0; i < 5000; i++) {
		struct point point = {.metric = f->count, .time_ns = i * 7919 % 5000 * 700000000};

		assert_int_equal(pipeline_push(pipeline, &point), 0);
	}
	assert_int_equal(pipeline_flush(pipeline), 0);
	pipeline_free(pipeline);
	csv_output.close(output);
	data = read_file(f->path, NULL);
	row = data;
	for (int i = 0; i < 5000; i++) {
		row = strchr(strchr(row, '\n'), ';') + 1;
		assert_true(memcmp(previous, row, 30) < 0);
		memcpy(previous, row, 30);
	}
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(writes_header_and_rows),
		WITH(a_run_without_points_leaves_the_header),
		WITH(a_command_that_could_not_start_changes_nothing),
		WITH(refuses_bad_settings_without_creating_a_file),
		WITH(expands_the_path),
		WITH(hands_rows_over_when_told),
		WITH(says_once_that_the_disk_is_full),
		WITH(says_once_that_a_buffered_row_could_not_be_written),
		WITH(a_killed_writer_leaves_whole_rows),
		WITH(finds_whole_rows_across_blocks),
		WITH(keeps_what_it_must_not_wait_for),
		WITH(takes_a_row_larger_than_its_buffer),
		WITH(writes_what_comes_through_the_pipeline_in_time_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
