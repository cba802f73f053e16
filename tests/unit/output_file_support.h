/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Opening output files in a folder of the test, and records to write there. */
#ifndef TESTS_UNIT_OUTPUT_FILE_SUPPORT_H
#define TESTS_UNIT_OUTPUT_FILE_SUPPORT_H

#include "outputs/file/output_file.h"
#include "unit/output_support.h"

static inline int make_folder(void **state)
{
	*state = malloc(sizeof(struct folder));
	folder_make(*state);
	return 0;
}

static inline int remove_folder(void **state)
{
	folder_remove(*state);
	free(*state);
	return 0;
}

/* Records of these tests end in a full stop. */
static inline size_t whole_records(const char *data, size_t n)
{
	while (n > 0 && data[n - 1] != '.')
		n--;
	return n;
}

static inline int put(struct output_file *file, const char *text)
{
	ssize_t written = output_file_write(file, text, strlen(text), whole_records);

	return written < 0 ? (int)written : written != (ssize_t)strlen(text);
}

static const struct output_context no_context = {.metrics = NULL};

static inline void open_for_replacing(struct output_file *file, const char *path)
{
	assert_int_equal(output_file_open(file, path, false, &no_context), 0);
}

static inline void assert_refused(const char *path, int error, const char *words)
{
	struct output_file file;
	struct capture capture;

	capture_begin(&capture);
	assert_int_equal(output_file_open(&file, path, false, &no_context), -error);
	capture_end_expecting(&capture, words);
	assert_int_equal(file.fd, -1);
	output_file_close(&file);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

#endif
