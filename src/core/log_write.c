/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/log_write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "core/text.h"

/* Whether the directory of the path is missing; it is added to the text. */
static bool lacks_directory(const char *path, struct text *directory)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return false;
	text_add(directory, path, slash > path ? (size_t)(slash - path) : 1);
	text_add_char(directory, '\0');
	return !directory->failed && access(directory->data, F_OK) < 0 && errno == ENOENT;
}

static const char *advice_for(int err, const char *why)
{
	if (err == -ENOSPC || err == -EDQUOT)
		return "\nmake room, or choose another file";
	return strchr(why, '\n') ? "" : "\nchoose another file";
}

int log_cannot_write(const char *path, int err, const char *why)
{
	const char *known = err == -EISDIR ? "it is a directory" : strerror(-err);
	const char *cause = why ? why : known;
	struct text directory = {0};

	if (err == -ENOENT && !why && lacks_directory(path, &directory))
		log_error("cannot write to '%s': its directory does not exist\n"
		          "create it: mkdir -p '%s'",
		          path, directory.data);
	else if (err == -ENOENT && !why && !strchr(path, '/'))
		log_error("cannot write to '%s': the current directory was removed\n"
		          "change to another one, or choose a file in another one",
		          path);
	else
		log_error("cannot write to '%s': %s%s", path, cause, advice_for(err, cause));
	text_fini(&directory);
	return err;
}

int log_flush_output(const char *what)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	/* The cause of an earlier failure: it happens again. */
	if (errno == 0) {
		clearerr(stdout);
		putchar('\n');
		fflush(stdout);
	}
	return log_errno(errno ? -errno : -EIO, "cannot write %s: %s", what,
	                 strerror(errno ? errno : EIO));
}
