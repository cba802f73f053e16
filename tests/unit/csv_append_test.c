/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* append = true: what rows are added to, and what not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>

#include "outputs/file/csv_scan.h"
#include "unit/csv_support.h"
#include "unit/failing_allocations.h"

static void appends_rows_under_the_same_header(void **state)
{
	struct fixture *f = *state;

	f->settings.append = true;
	run(f);
	assert_file(f->path, HEADER ROW);
	run(f);
	assert_file(f->path, HEADER ROW ROW);
	write_file(f->path, "");
	run(f);
	assert_file(f->path, HEADER ROW);
	write_file(f->path, HEADER "a \"cell\nof two lines\"\n");
	run(f);
	assert_file(f->path, HEADER "a \"cell\nof two lines\"\n" ROW);
}

static void refuses_to_append_to_something_else(void **state)
{
	struct fixture *f = *state;

	f->settings.append = true;
	write_file(f->path, "metric;timestamp;value\n");
	assert_open_refused(f, EINVAL, "not the header");
	write_file(f->path, "metric");
	assert_open_refused(f, EINVAL, "not the header");
	write_file(f->path, HEADER ROW "count;1970-");
	assert_open_refused(f, EINVAL, "unfinished row");
	/* The last line end is inside a cell. */
	write_file(f->path, HEADER ROW "count;\"1970\n");
	assert_open_refused(f, EINVAL, "unfinished row");
	assert_file(f->path, HEADER ROW "count;\"1970\n");
	f->settings.csv_delimiter = ",";
	write_file(f->path, HEADER ROW);
	assert_open_refused(f, EINVAL, "not the header");
}

/* A file that ends as it should, and has a hole before that takes minutes to read. */
static void does_not_read_a_long_file_to_append(void **state)
{
	struct fixture *f = *state;
	const off_t size = (off_t)1 << 40;
	struct stat status;
	int fd;

	f->settings.append = true;
	write_file(f->path, HEADER ROW);
	fd = open(f->path, O_WRONLY | O_CLOEXEC);
	if (pwrite(fd, "\n" ROW, strlen(ROW) + 1, size) < 0) {
		print_message("SKIP: no files of a terabyte here: %s\n", strerror(errno));
		close(fd);
		skip();
	}
	close(fd);
	alarm(60);
	run(f);
	alarm(0);
	assert_int_equal(stat(f->path, &status), 0);
	assert_int_equal(status.st_size, size + 1 + (off_t)(2 * strlen(ROW)));
}

static bool can_append(struct fixture *f)
{
	struct output *output = NULL;
	struct capture capture;
	bool can;

	capture_begin(&capture);
	can = csv_output.open(&f->settings, &f->context, &output) == 0;
	if (can)
		csv_output.close(output);
	free(capture_end(&capture));
	return can;
}

/* A long file with all that a cell can hold, cut off at each of its last bytes. */
static void sees_an_unfinished_row_at_the_end_of_a_long_file(void **state)
{
	struct fixture *f = *state;
	static const char rows[] = ROW "a;b;c;d;e;f;g;\"one\ntwo\"\n"
				       "a;b;c;d;e;f;g;\"\"\"one;\n\n\"\"\n\"\"\"\"\n\"\n"
				       "a;\"b;\nc;d\n\";c;;;;\"\";\n" ROW;
	const size_t n = sizeof(rows) - 1, n_before = strlen(HEADER) + 6000 * strlen(ROW);
	char *text = malloc(n_before + n + 1), *at = stpcpy(text, HEADER);

	for (int i = 0; i < 6000; i++)
		at = stpcpy(at, ROW);
	strcpy(at, rows);
	write_file(f->path, text);
	f->settings.append = true;
	for (size_t cut = 0; cut < n; cut++) {
		size_t left = n_before + n - cut;

		assert_int_equal(truncate(f->path, (off_t)left), 0);
		assert_int_equal(can_append(f), csv_whole_rows(text, left) == left);
	}
	free(text);
}

/* A row longer than what is looked at first, and one with more lines. */
static void appends_behind_a_long_row(void **state)
{
	struct fixture *f = *state;
	size_t n = 600000;
	char *text = malloc(n);

	f->settings.append = true;
	for (int i = 0; i < 2; i++) {
		char *at = stpcpy(text, HEADER "a;b;c;d;e;f;g;\"");

		memset(at, i ? '\n' : 'x', (size_t)(text + n - at));
		strcpy(text + n - 4, "\"\n");
		write_file(f->path, text);
		assert_true(can_append(f));
		text[n - 4] = ' ';
		write_file(f->path, text);
		assert_false(can_append(f));
	}
	free(text);
}

/* Whatever is in the cells before, and however long the file. */
static void runs_go_on_counting(void **state)
{
	static const struct {
		const char *rows, *next;
	} cases[] = {
		{"", ""},
		{ROW, "run=2"},
		{"a;b;c;d;e;f;g;run=7\n", "run=8"},
		{"a;b;c;d;e;f;g;life=2,run=7\n", "run=8"},
		{"a;b;c;d;e;f;g;\"run=7,x=\"\"\"\n", "run=8"},
		{"a;b;c;d;e;f;g;run=7\na;b;c;d;e;f;g;x=1\n", "run=8"},
		{"a;b;c;d;e;f;g;args=run\\=9\n", "run=2"},
		{"a;b;c;d;e;f;g;args=x\\,run\\=9,run=3\n", "run=4"},
		{"a;b;c;d;e;f;g;rerun=9\n", "run=2"},
		{"a;b;c;d;e;f;g;run=99999999999999\n", "run=2"},
	};
	struct fixture *f = *state;
	const struct run_info info = {.argv = NULL};
	const size_t n = 600000;
	char *before = calloc(1, n + 1);

	for (size_t i = 0; i < n; i += strlen(ROW))
		memcpy(before + i, ROW, i + strlen(ROW) <= n ? strlen(ROW) : 0);
	before[n / strlen(ROW) * strlen(ROW)] = '\0';
	f->settings.append = true;
	f->context.run = &info;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		const size_t which = i / 2;
		const bool is_long = i % 2 && *cases[which].rows;
		char *text, *found;

		assert_true(asprintf(&text, HEADER "%s%s", is_long ? before : "",
		                     cases[which].rows) >= 0);
		write_file(f->path, text);
		run(f);
		found = read_file(f->path, NULL);
		if (!strstr(found + strlen(text), cases[which].next) ||
		    (!*cases[which].next && strstr(found, "run=")))
			fail_msg("after '%s' comes: %s", cases[which].rows, found + strlen(text));
		free(text);
		free(found);
	}
	free(before);
}

/*
 * Without memory to look for the last run's number no row is written, rather than with another's
 * number.
 */
static void no_run_is_numbered_without_memory(void **state)
{
	struct fixture *f = *state;
	const struct run_info info = {.argv = NULL};
	bool opened;

	f->settings.append = true;
	f->context.run = &info;
	write_file(f->path, HEADER "a;b;c;d;e;f;g;run=7\n");
	for (long failing = 0;; failing++) {
		struct output *output = NULL;
		struct capture capture;

		capture_begin(&capture);
		allocations_begin(failing);
		opened = csv_output.open(&f->settings, &f->context, &output) == 0;
		allocations_end();
		if (opened) {
			capture_end_expecting_nothing(&capture);
			csv_output.close(output);
			break;
		}
		capture_end_expecting(&capture, "out of memory");
		assert_null(output);
	}
	run(f);
	assert_file(f->path, HEADER "a;b;c;d;e;f;g;run=7\n"
	                            "count;1970-01-01T00:00:00.000000001Z;7;local_machine;;"
	                            "local_machine;;run=8\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(appends_rows_under_the_same_header),
		WITH(refuses_to_append_to_something_else),
		WITH(does_not_read_a_long_file_to_append),
		WITH(sees_an_unfinished_row_at_the_end_of_a_long_file),
		WITH(appends_behind_a_long_row),
		WITH(runs_go_on_counting),
		WITH(no_run_is_numbered_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
