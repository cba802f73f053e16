/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* INSERT … FORMAT CSVWithNames: sends the file unchanged, in parts that begin with its header. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/utf8.h"
#include "report/input.h"
#include "send/stores.h"

#define READ_SIZE ((size_t)256 * 1024)
#define BODY_SIZE ((size_t)4 * 1024 * 1024)

/* Rows usually have a few kB. The limit stops files without line ends, and decompression bombs. */
#define ROW_MAX ((size_t)16 * 1024 * 1024)

/* The header of a file of the output processes begins with this; the delimiter follows. */
#define FIRST_COLUMN "run_id"

/* Bytes of a character in UTF-8. */
#define DELIMITER_MAX 4

struct stream {
	struct post *post;
	const char *path;
	char *url;       /* with the file's delimiter */
	size_t n_header; /* bytes of the body: the header */
	struct text body;
	bool is_quoted; /* the end of the body is within quotes */
	size_t n_whole; /* bytes of the body up to the end of its last whole row */
	size_t n_rows;  /* whole rows, without the header */
	bool has_header;
};

static int take_header(struct stream *stream)
{
	const size_t length = strlen(FIRST_COLUMN);
	const char *header = stream->body.data, *delimiter = header + length;
	struct text url = {.data = NULL};
	size_t n = 1;

	if (stream->n_whole <= length || memcmp(header, FIRST_COLUMN, length) != 0 ||
	    isalnum((unsigned char)*delimiter) || *delimiter == '_')
		return log_errno(
			-EBADMSG,
			"send: '%s' is not a file of the output processes, which is sent "
			"to ClickHouse\nmake one: alumet-agent -o processes:run.csv exec …",
			stream->path);
	while (n < DELIMITER_MAX && utf8_is_later_byte(delimiter[n]))
		n++;
	text_add_string(&url, stream->post->target->url);
	text_add_string(&url, "&format_csv_delimiter=");
	for (size_t i = 0; i < n; i++) {
		char escape[4];

		snprintf(escape, sizeof(escape), "%%%02X", (unsigned char)delimiter[i]);
		text_add_string(&url, escape);
	}
	text_add_char(&url, '\0');
	stream->url = url.data;
	if (url.failed)
		return log_oom();
	stream->n_header = stream->n_whole;
	stream->n_rows = 0;
	stream->has_header = true;
	return 0;
}

/* Send the whole rows, and keep what follows them. */
static int hand_out(struct stream *stream)
{
	struct text *body = &stream->body;
	struct text whole = {.data = body->data, .n = stream->n_whole};
	int err = 0;

	if (stream->n_rows > 0)
		err = post_rows(stream->post, stream->url, &whole, stream->n_header, stream->n_rows,
		                true);

	if (!body->data)
		return err;
	memmove(body->data + stream->n_header, body->data + stream->n_whole,
	        body->n - stream->n_whole);
	body->n -= stream->n_whole - stream->n_header;
	stream->n_whole = stream->n_header;
	stream->n_rows = 0;
	return err;
}

static int take(struct stream *stream, const char *bytes, size_t n)
{
	int err = 0;

	for (size_t i = 0; !err && i < n; i++) {
		text_add_char(&stream->body, bytes[i]);
		if (bytes[i] == '"')
			stream->is_quoted = !stream->is_quoted;
		if (stream->body.n - stream->n_whole > ROW_MAX)
			return log_errno(-EFBIG, "send: '%s' has a row of more than %zu MiB",
			                 stream->path, ROW_MAX >> 20);
		if (bytes[i] != '\n' || stream->is_quoted)
			continue;
		stream->n_whole = stream->body.n;
		stream->n_rows++;
		if (stream->body.failed)
			return log_oom();
		if (!stream->has_header)
			err = take_header(stream);
		else if (stream->body.n >= BODY_SIZE || stream->n_rows >= stream->post->rows_max)
			err = hand_out(stream);
	}
	return err;
}

static int send_input(struct stream *stream, struct report_input *input, char *buffer)
{
	ssize_t n;
	int err = 0;

	while (!err && (n = report_input_read(input, buffer, READ_SIZE)) > 0)
		err = take(stream, buffer, (size_t)n);
	if (!err && n < 0)
		return (int)n;
	if (!err && !stream->has_header)
		err = take_header(stream);
	if (!err)
		err = hand_out(stream);
	if (!err && (stream->body.n > stream->n_header || report_input_damage(input)))
		log_warn("send: '%s' ends in the middle of a row, which is left out", stream->path);
	return err;
}

int send_clickhouse(struct post *post, const char *path)
{
	struct stream stream = {.post = post, .path = path};
	struct report_input *input;
	char *buffer = malloc(READ_SIZE);
	int err;

	if (!buffer)
		return log_oom();
	err = report_input_open(path, &input);
	if (!err) {
		err = send_input(&stream, input, buffer);
		report_input_close(input);
	}
	free(buffer);
	free(stream.url);
	text_fini(&stream.body);
	return err;
}
