/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tests of outputs share: a temporary folder, files as strings, messages caught. */
#ifndef TESTS_UNIT_OUTPUT_SUPPORT_H
#define TESTS_UNIT_OUTPUT_SUPPORT_H

#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct folder {
	char path[64];
	char name[128]; /* of folder_path() */
};

static inline void folder_make(struct folder *folder)
{
	strcpy(folder->path, "/tmp/alumet-test.XXXXXX");
	assert_non_null(mkdtemp(folder->path));
}

/* The path of a file in the folder; valid until the next call. */
static inline const char *folder_path(struct folder *folder, const char *file)
{
	snprintf(folder->name, sizeof(folder->name), "%s/%s", folder->path, file);
	return folder->name;
}

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static inline void folder_remove(struct folder *folder)
{
	nftw(folder->path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* All that can be read, NUL-terminated; *n (may be NULL): how much. NULL: no such file. */
static inline char *read_descriptor(int fd, size_t *n)
{
	char *data = malloc(1);
	size_t length = 0;
	char block[4096];
	ssize_t got;

	while ((got = read(fd, block, sizeof(block))) > 0) {
		data = realloc(data, length + (size_t)got + 1);
		memcpy(data + length, block, (size_t)got);
		length += (size_t)got;
	}
	data[length] = '\0';
	if (n)
		*n = length;
	return data;
}

static inline char *read_file(const char *path, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *data;

	if (fd < 0)
		return NULL;
	data = read_descriptor(fd, n);
	close(fd);
	return data;
}

static inline void write_file(const char *path, const char *content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
}

static inline void assert_file(const char *path, const char *content)
{
	char *data = read_file(path, NULL);

	assert_non_null(data);
	assert_string_equal(data, content);
	free(data);
}

/* What is written to stderr between begin and end; in a pipe, which no file size limit touches. */
struct capture {
	int saved, reader;
};

static inline void capture_begin(struct capture *capture)
{
	int ends[2];

	capture->saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	assert_true(capture->saved >= 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	capture->reader = ends[0];
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
}

/* To be freed. */
static inline char *capture_end(struct capture *capture)
{
	char *text;

	dup2(capture->saved, STDERR_FILENO);
	close(capture->saved);
	text = read_descriptor(capture->reader, NULL);
	close(capture->reader);
	return text;
}

/* Exactly one message, which holds the words. */
static inline void capture_end_expecting(struct capture *capture, const char *words)
{
	static const char name[] = "alumet-agent: ";
	char *text = capture_end(capture);
	size_t messages = 0;

	for (const char *at = text; (at = strstr(at, name)); at += strlen(name))
		messages++;
	if (messages != 1 || !strstr(text, words))
		print_error("expected one message with '%s', got:\n%s\n", words, text ? text : "");
	assert_int_equal(messages, 1);
	assert_non_null(strstr(text, words));
	free(text);
}

static inline void capture_end_expecting_nothing(struct capture *capture)
{
	char *text = capture_end(capture);

	assert_string_equal(text, "");
	free(text);
}

#endif
