/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "core/log.h"

#define BLOCK_SIZE ((size_t)256 * 1024)

/* For zlib: the largest window, and a gzip header (RFC 1952) is expected. */
#define GZIP_WINDOW (15 + 16)

enum storage { STORED_PLAIN, STORED_GZIP, STORED_ZSTD };

struct report_input {
	char *path;
	int fd;
	enum storage storage;
	char *block; /* of the file, as stored */
	size_t taken, filled;
	bool file_ended;
	bool in_frame; /* compressed data have begun, but not ended yet */
	const char *damage;
	z_stream gzip;
	ZSTD_DCtx *zstd;
};

/* Refill the block if all of it has been consumed. Returns 0 or a negative errno. */
static int fill(struct report_input *input)
{
	ssize_t got;

	if (input->taken < input->filled || input->file_ended)
		return 0;
	do
		got = read(input->fd, input->block, BLOCK_SIZE);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		const int err = -errno;

		if (err == -EISDIR)
			log_error("cannot read '%s': it is a directory\n"
			          "name its files with a quoted pattern: '%s/*.csv'",
			          input->path, input->path);
		else
			log_error("cannot read '%s': %s", input->path, strerror(-err));
		return err;
	}
	input->taken = 0;
	input->filled = (size_t)got;
	input->file_ended = got == 0;
	return 0;
}

static enum storage recognize(const char *bytes, size_t n)
{
	if (n >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0)
		return STORED_GZIP;
	if (n >= 4 && memcmp(bytes, "\x28\xb5\x2f\xfd", 4) == 0)
		return STORED_ZSTD;
	return STORED_PLAIN;
}

static int out_of_memory(const struct report_input *input)
{
	log_error("out of memory while reading '%s'", input->path);
	return -ENOMEM;
}

static int start(struct report_input *input)
{
	int err = fill(input);

	if (err)
		return err;
	input->storage = recognize(input->block, input->filled);
	if (input->storage == STORED_GZIP && inflateInit2(&input->gzip, GZIP_WINDOW) != Z_OK)
		return out_of_memory(input);
	if (input->storage == STORED_ZSTD) {
		input->zstd = ZSTD_createDCtx();
		if (!input->zstd)
			return out_of_memory(input);
	}
	return 0;
}

int report_input_open(const char *path, struct report_input **result)
{
	struct report_input *input = calloc(1, sizeof(*input));
	int err = 0;

	if (!input) {
		log_error("out of memory while reading '%s'", path);
		return -ENOMEM;
	}
	input->fd = -1;
	input->path = strdup(strcmp(path, "-") == 0 ? "/dev/stdin" : path);
	input->block = malloc(BLOCK_SIZE);
	if (!input->path || !input->block) {
		log_error("out of memory while reading '%s'", path);
		err = -ENOMEM;
	}
	if (!err) {
		input->fd = open(input->path, O_RDONLY | O_CLOEXEC);
		if (input->fd < 0) {
			err = -errno;
			log_error("cannot open '%s': %s", path,
			          err == -ENOENT && strpbrk(path, "*?[")
			                  ? "no file matches this pattern"
			                  : strerror(-err));
		}
	}
	if (!err)
		err = start(input);
	if (err) {
		report_input_close(input);
		return err;
	}
	*result = input;
	return 0;
}

void report_input_close(struct report_input *input)
{
	if (!input)
		return;
	if (input->storage == STORED_GZIP)
		inflateEnd(&input->gzip);
	ZSTD_freeDCtx(input->zstd);
	if (input->fd >= 0)
		close(input->fd);
	free(input->block);
	free(input->path);
	free(input);
}

static size_t take_plain(struct report_input *input, char *buffer, size_t size)
{
	size_t n = input->filled - input->taken;

	n = n < size ? n : size;
	memcpy(buffer, input->block + input->taken, n);
	input->taken += n;
	return n;
}

/* A file may consist of several gzip members, as from `cat a.gz b.gz`; they are one text. */
static size_t take_gzip(struct report_input *input, char *buffer, size_t size)
{
	z_stream *gzip = &input->gzip;
	int status;

	gzip->next_in = (Bytef *)input->block + input->taken;
	gzip->avail_in = (uInt)(input->filled - input->taken);
	gzip->next_out = (Bytef *)buffer;
	gzip->avail_out = (uInt)size;
	status = inflate(gzip, Z_NO_FLUSH);
	input->taken = input->filled - gzip->avail_in;
	input->in_frame = status != Z_STREAM_END;
	if (status == Z_STREAM_END)
		inflateReset(gzip);
	else if (status != Z_OK && status != Z_BUF_ERROR)
		input->damage = "its compressed data are damaged";
	return size - gzip->avail_out;
}

static size_t take_zstd(struct report_input *input, void *buffer, size_t size)
{
	ZSTD_inBuffer in = {input->block, input->filled, input->taken};
	ZSTD_outBuffer out = {buffer, size, 0};
	const size_t status = ZSTD_decompressStream(input->zstd, &out, &in);

	input->taken = in.pos;
	if (ZSTD_isError(status))
		input->damage = "its compressed data are damaged";
	input->in_frame = status != 0;
	return out.pos;
}

static size_t take(struct report_input *input, char *buffer, size_t size)
{
	switch (input->storage) {
	case STORED_GZIP:
		return take_gzip(input, buffer, size);
	case STORED_ZSTD:
		return take_zstd(input, buffer, size);
	case STORED_PLAIN:
		break;
	}
	return take_plain(input, buffer, size);
}

ssize_t report_input_read(struct report_input *input, char *buffer, size_t size)
{
	/* Zlib has 32-bit sizes. */
	size = size < BLOCK_SIZE ? size : BLOCK_SIZE;
	while (!input->damage) {
		size_t n;
		int err = fill(input);

		if (err)
			return err;
		/* The decompressor may still hold output when the file has ended. */
		if (input->file_ended && (input->storage == STORED_PLAIN || !input->in_frame))
			return 0;
		n = take(input, buffer, size);
		if (n > 0)
			return (ssize_t)n;
		if (input->file_ended && input->in_frame)
			input->damage = "its compressed data end early";
	}
	return 0;
}

const char *report_input_damage(const struct report_input *input)
{
	return input->damage;
}
