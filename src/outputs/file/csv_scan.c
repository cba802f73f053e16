/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/file/csv_scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"

#define READ_SIZE ((size_t)64 * 1024)

/* How much is read from the end of a long file: the last row can have 64 KiB of arguments. */
#define TAIL_SIZE ((size_t)256 * 1024)
/* The most lines of a last row there; with more, reading the whole file is cheaper. */
#define TAIL_LINES 64

void csv_scan(struct csv_scan *scan, const char *data, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		/* A doubled quote inside quotes closes and reopens them: the result is the same. */
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
			return log_errno(
				-EINVAL,
				"cannot append to '%s': its first line is not the header of this "
				"run\nchoose another output file, or the settings that it was "
				"written with; the header is: %.*s",
				file->path, (int)n - 1, header);
		}
		n_read += (size_t)got;
	}
	return 1;
}

static bool is_delimiter(const char *at, const char *end, struct csv_delimiter delimiter)
{
	return (size_t)(end - at) >= delimiter.n && memcmp(at, delimiter.bytes, delimiter.n) == 0;
}

/* The end of the cell that begins here; NULL if its quotes are not closed. */
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

/* The number of cells if the n bytes are exactly one whole row, else 0. */
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

/* Whether one or more of the last lines form one row with n_cells cells. */
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
 * Read the end of a file of this size, at most TAIL_SIZE. Returns the number of bytes, or a
 * negative errno.
 */
static ssize_t read_tail(const struct output_file *file, uint64_t size, char *tail)
{
	const uint64_t begin = size > TAIL_SIZE ? size - TAIL_SIZE : 0;
	size_t n = 0;
	ssize_t got = 1;

	while (n < TAIL_SIZE && got > 0) {
		got = read_at(file->fd, tail + n, TAIL_SIZE - n, begin + n);
		n += got > 0 ? (size_t)got : 0;
	}
	return got < 0 ? got : (ssize_t)n;
}

/*
 * Files that are appended to become long, and only their last row matters. Only a scan from the
 * start of the file identifies cells for certain; but a line end within an unfinished cell is
 * mistaken for that of a row only if the cell's last line looks like a whole row with as many
 * cells. True: the file ends with a whole row. False: the whole file must be read.
 */
static bool look_at_end(const struct output_file *file, size_t n_cells,
                        struct csv_delimiter delimiter)
{
	struct stat status;
	char *tail;
	ssize_t n;
	bool result;

	if (fstat(file->fd, &status) < 0 || status.st_size <= (off_t)TAIL_SIZE)
		return false;
	tail = malloc(TAIL_SIZE);
	if (!tail)
		return false;
	n = read_tail(file, (uint64_t)status.st_size, tail);
	result = n >= 0 && ends_with_row(tail, (size_t)n, n_cells, delimiter);
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
		return log_errno(-EINVAL,
		                 "cannot append to '%s': it ends in an unfinished row\n"
		                 "complete the row, or remove it: truncate -s %llu '%s'",
		                 file->path, (unsigned long long)scan.n_whole, file->path);
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
	if (!block)
		return log_errno(-ENOMEM, "cannot append to '%s': out of memory", file->path);
	result = check_header(file, header, n, block);
	if (result == 1 && !look_at_end(file, count_cells(header, n, delimiter), delimiter))
		result = check_end(file, block);
	free(block);
	return result;
}

static bool ends_with(const char *begin, const char *at, struct csv_delimiter delimiter)
{
	return (size_t)(at - begin) >= delimiter.n &&
	       memcmp(at - delimiter.n, delimiter.bytes, delimiter.n) == 0;
}

/*
 * The value of the last attribute "run" in the bytes. The attribute is at the beginning of the last
 * cell or after another attribute; in a value '=' is escaped with '\', so no value is mistaken for
 * it.
 */
static uint32_t find_last_run(const char *data, size_t n, struct csv_delimiter delimiter,
                              struct csv_delimiter late)
{
	static const char key[] = "run=";
	const size_t length = sizeof(key) - 1;

	for (const char *at = data + n; (size_t)(at - data) >= length; at--) {
		const char *name = at - length;
		uint64_t number = 0;

		if (memcmp(name, key, length) != 0 ||
		    !(ends_with(data, name, delimiter) || ends_with(data, name, late) ||
		      (name > data && name[-1] == '"')))
			continue;
		for (const char *c = at; c < data + n && *c >= '0' && *c <= '9'; c++)
			number = number * 10 + (uint64_t)(*c - '0');
		if (number > 0 && number < UINT32_MAX)
			return (uint32_t)number;
	}
	return 1;
}

int csv_last_run(const struct output_file *file, size_t header_size, struct csv_delimiter delimiter,
                 struct csv_delimiter late, uint32_t *run)
{
	struct stat status;
	char *tail;
	ssize_t n;

	*run = 0;
	if (!file->regular || file->created)
		return 0;
	if (fstat(file->fd, &status) < 0)
		return log_errno(-errno, "cannot append to '%s': %s", file->path, strerror(errno));
	if (status.st_size <= (off_t)header_size)
		return 0;
	tail = malloc(TAIL_SIZE);
	n = tail ? read_tail(file, (uint64_t)status.st_size, tail) : -ENOMEM;
	if (n >= 0)
		*run = find_last_run(tail, (size_t)n, delimiter, late);
	free(tail);
	if (n >= 0)
		return 0;
	return log_errno((int)n, "cannot append to '%s': %s", file->path,
	                 n == -ENOMEM ? "out of memory" : strerror((int)-n));
}
