/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "send/token.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"

/* Room for the line end that an editor adds. */
#define FILE_MAX (SEND_TOKEN_MAX + 2)

static int refuse_size(const char *whence)
{
	return log_errno(-EINVAL, "send: '%s' is not a token: it has more than %d bytes", whence,
	                 SEND_TOKEN_MAX);
}

/* Refuse line breaks: they would begin further headers. */
static int take(const char *bytes, size_t n, const char *whence, char **token)
{
	while (n > 0 && isspace((unsigned char)bytes[n - 1]))
		n--;
	for (size_t i = 0; i < n; i++) {
		if (!isgraph((unsigned char)bytes[i]) && bytes[i] != ' ')
			return log_errno(-EINVAL, "send: the token of %s is not one line of text",
			                 whence);
	}
	if (n == 0)
		return log_errno(-EINVAL, "send: the token of %s is empty", whence);
	if (n > SEND_TOKEN_MAX)
		return refuse_size(whence);
	*token = strndup(bytes, n);
	return *token ? 0 : log_oom();
}

/* A pipe may return a token in parts. Returns the number of bytes, or -errno. */
static ssize_t read_file(const char *path, char *bytes, size_t size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got = fd < 0 ? -1 : 1;

	while (got > 0 && n < size) {
		got = read(fd, bytes + n, size - n);
		n += got > 0 ? (size_t)got : 0;
	}
	if (got < 0)
		got = -errno;
	if (fd >= 0)
		close(fd);
	return got < 0 ? got : (ssize_t)n;
}

static int read_token(const char *path, char **token)
{
	char bytes[FILE_MAX + 1];
	const ssize_t n = read_file(path, bytes, sizeof(bytes));
	int err;

	if (n < 0)
		return log_errno((int)n, "send: cannot read the token from '%s': %s", path,
		                 strerror((int)-n));
	err = n > FILE_MAX ? refuse_size(path) : take(bytes, (size_t)n, path, token);
	explicit_bzero(bytes, sizeof(bytes));
	return err;
}

int send_token_find(const char *path, char **token)
{
	const char *variable = getenv(SEND_TOKEN_VARIABLE);

	*token = NULL;
	if (path)
		return read_token(path, token);
	return variable && *variable ? take(variable, strlen(variable), SEND_TOKEN_VARIABLE, token)
	                             : 0;
}

void send_token_free(char *token)
{
	if (token)
		explicit_bzero(token, strlen(token));
	free(token);
}
