/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/csv_scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"

#define READ_SIZE ((size_t)64 * 1024)

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

int csv_check_append(const struct output_file *file, const char *header, size_t n)
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
	if (result == 1)
		result = check_end(file, block);
	free(block);
	return result;
}
