/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/csv/csv_scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"

#define READ_SIZE ((size_t)64 * 1024)

/* Of a long file's end, what is looked at: the last row, which can have 64 KiB of arguments. */
#define TAIL_SIZE ((size_t)256 * 1024)
/* And the lines that a row may have there before it is cheaper to read the file. */
#define TAIL_LINES 64

void csv_scan(struct csv_scan *scan, const char *data, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		/* A doubled quote inside quotes ends and begins again: the same in the end. */
		if (data[i] == '"')
			scan->quoted = !scan->quoted;
		else if (data[i] == '\n' && !scan->quoted)
			scan->n_whole = scan->n_scanned + i + 1;
	}
	scan->n_scanned += n;
}

size_t csv_whole_rows(const char *data, size_t n)
{
	struct csv_scan scan = {.quoted = false};

	csv_scan(&scan, data, n);
	return (size_t)scan.n_whole;
}

static ssize_t read_at(int fd, char *data, size_t n, uint64_t offset)
{
	ssize_t got;

	do
		got = pread(fd, data, n, (off_t)offset);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

static int check_header(const struct output_file *file, const char *header, size_t n, char *block)
{
	size_t n_read = 0;

	while (n_read < n) {
		size_t wanted = n - n_read < READ_SIZE ? n - n_read : READ_SIZE;
		ssize_t got = read_at(file->fd, block, wanted, n_read);

		if (got < 0) {
			log_error("cannot append to '%s': %s", file->path, strerror((int)-got));
			return (int)got;
		}
		if (got == 0 && n_read == 0)
			return 0;
		if (got == 0 || memcmp(block, header + n_read, (size_t)got) != 0) {
			log_error("cannot append to '%s': its first line is not the header of this "
			          "run\nchoose another output file, or the settings that it was "
			          "written with; the header is: %.*s",
			          file->path, (int)n - 1, header);
			return -EINVAL;
		}
		n_read += (size_t)got;
	}
	return 1;
}

static bool is_delimiter(const char *at, const char *end, struct csv_delimiter delimiter)
{
	return (size_t)(end - at) >= delimiter.n && memcmp(at, delimiter.bytes, delimiter.n) == 0;
}

/* The end of the cell that begins at the place; NULL if its quotes are not closed. */
static const char *cell_end(const char *at, const char *end, struct csv_delimiter delimiter)
{
	if (at == end || *at != '"') {
		while (at < end && *at != '"' && *at != '\n' && !is_delimiter(at, end, delimiter))
			at++;
		return at;
	}
	do {
		at = memchr(at + 1, '"', (size_t)(end - at - 1));
		at = at ? at + 1 : NULL;
	} while (at && at < end && *at == '"');
	return at;
}

/* How many cells the n bytes have if they are one whole row, 0 if they are not. */
static size_t count_cells(const char *data, size_t n, struct csv_delimiter delimiter)
{
	const char *at = data, *end = data + n;

	for (size_t cells = 1;; cells++) {
		at = cell_end(at, end, delimiter);
		if (!at || at == end)
			return 0;
		if (*at == '\n')
			return at + 1 == end ? cells : 0;
		if (!is_delimiter(at, end, delimiter))
			return 0;
		at += delimiter.n;
	}
}

/* Whether some of the last lines are one row with so many cells. */
static bool ends_with_row(const char *data, size_t n, size_t n_cells,
                          struct csv_delimiter delimiter)
{
	size_t begin = n;

	if (n == 0 || data[n - 1] != '\n')
		return false;
	for (int line = 0; line < TAIL_LINES; line++) {
		const char *before = memrchr(data, '\n', begin - 1);

		if (!before)
			return false;
		begin = (size_t)(before + 1 - data);
		if (count_cells(data + begin, n - begin, delimiter) == n_cells)
			return true;
	}
	return false;
}

/*
 * Files that are added to grow long, and only their last row is in question. Where a cell begins and
 * ends can be known for sure from the beginning only; but a line end that is part of an unfinished
 * cell is taken for a row's only if the cell's last line looks like a row itself, with as many cells.
 * True: the file ends with a whole row. False: that must be found out otherwise.
 */
static bool look_at_end(const struct output_file *file, size_t n_cells,
                        struct csv_delimiter delimiter)
{
	size_t n = 0;
	struct stat status;
	ssize_t got = 1;
	char *tail;
	bool result;

	if (fstat(file->fd, &status) < 0 || status.st_size <= (off_t)TAIL_SIZE)
		return false;
	tail = malloc(TAIL_SIZE);
	if (!tail)
		return false;
	while (n < TAIL_SIZE && got > 0) {
		got = read_at(file->fd, tail + n, TAIL_SIZE - n,
		              (uint64_t)status.st_size - TAIL_SIZE + n);
		n += got > 0 ? (size_t)got : 0;
	}
	result = got >= 0 && ends_with_row(tail, n, n_cells, delimiter);
	free(tail);
	return result;
}

static int check_end(const struct output_file *file, char *block)
{
	struct csv_scan scan = {.quoted = false};
	ssize_t got;

	while ((got = read_at(file->fd, block, READ_SIZE, scan.n_scanned)) > 0)
		csv_scan(&scan, block, (size_t)got);
	if (got < 0) {
		log_error("cannot append to '%s': %s", file->path, strerror((int)-got));
		return (int)got;
	}
	if (scan.n_whole != scan.n_scanned) {
		log_error("cannot append to '%s': it ends in an unfinished row\n"
		          "complete the row, or remove it: truncate -s %llu '%s'",
		          file->path, (unsigned long long)scan.n_whole, file->path);
		return -EINVAL;
	}
	return 1;
}

int csv_check_append(const struct output_file *file, const char *header, size_t n,
                     struct csv_delimiter delimiter)
{
	char *block;
	int result;

	if (!file->regular || file->created)
		return 0;
	block = malloc(READ_SIZE);
	if (!block) {
		log_error("cannot append to '%s': out of memory", file->path);
		return -ENOMEM;
	}
	result = check_header(file, header, n, block);
	if (result == 1 && !look_at_end(file, count_cells(header, n, delimiter), delimiter))
		result = check_end(file, block);
	free(block);
	return result;
}
