/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The file of an output. It is opened before the command starts, so that errors come first, but
 * changed only once the command has started. Whole records are written under the final name, so
 * that the file is readable whenever the agent ends.
 *
 * Anything that can be written to is accepted: a regular file, a FIFO (opening blocks until there
 * is a reader), a terminal, /dev/null. /dev/stdout, /dev/stderr and /dev/fd/N mean the file
 * descriptor itself, with its offset, but not one that the agent has opened. Block devices are
 * refused, and so is what somebody else may have planted: linux/trust.h.
 *
 * Only one run at a time writes to a regular file: it is locked with flock(2) until it is closed.
 */
#ifndef OUTPUTS_FILE_OUTPUT_FILE_H
#define OUTPUTS_FILE_OUTPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "alumet/output.h"
#include "linux/trust.h"

struct output_file {
	const struct output_context *context;
	char *path;                /* as given */
	struct trusted_name place; /* where it is; output_file_begin() closes .folder */
	int fd;                    /* -1: closed. Close-on-exec, never 0, 1 or 2 */
	int replaced;              /* the existing file, locked, which fd will replace; -1: none */
	bool append;               /* keep the existing contents */
	bool regular;              /* and opened by us: can be truncated */
	bool waits;                /* not on a disk: a write may block on the reader */
	bool created;              /* by output_file_open(); removed again if it is never begun */
	bool begun;
};

/* Initialize as a closed file, which output_file_close() accepts. */
void output_file_init(struct output_file *file);

/*
 * Open, or create, the file at path (copied), and lock it. Existing contents are not changed.
 * append: an existing regular file is opened for reading, too. The context must outlive the file.
 * Returns 0; -EBUSY if somebody else has locked it; or another negative errno. Errors are logged,
 * and leave the file closed.
 */
int output_file_open(struct output_file *file, const char *path, bool append,
                     const struct output_context *context);

/*
 * Between open and begin: rename the existing file to PATH.old, replacing an older one, and make an
 * empty file with the same owner and mode instead, also locked. Nothing is done if the file was
 * just created, is empty, is appended to, or is not a regular file by that very name. Returns 1; 0
 * if there is nothing to keep; or a negative errno, logged, with everything as it was: -EBUSY if a
 * run is writing PATH.old.
 */
int output_file_keep_old(struct output_file *file);

/* The command has started: truncate the file, unless appending. Returns 0 or -errno, logged. */
int output_file_begin(struct output_file *file);

/*
 * Instead, for a file that is written in one go: an existing file stays as it was until
 * output_file_finish() replaces it. If it cannot be replaced, it is truncated; see
 * linux/unnamed_file.h.
 */
int output_file_begin_new(struct output_file *file);

/*
 * Write the n bytes. If that fails in the middle (the disk is full), a regular file is cut back to
 * the last whole record: whole_records returns how many of the first n bytes are whole records.
 * Returns the number of bytes written, less than n only if the context's wait() returned -EAGAIN;
 * or a negative errno, logged. A closed pipe is -EPIPE, since SIGPIPE is blocked.
 */
ssize_t output_file_write(struct output_file *file, const char *data, size_t n,
                          size_t (*whole_records)(const char *data, size_t n));

/*
 * Close, and return errors that a file system reports only then. There is no fsync(): that takes
 * longer than many a command, and protects only against a crash of the machine. Returns 0 or a
 * negative errno, logged.
 */
int output_file_finish(struct output_file *file);

/* Log that the file cannot be written, and why (NULL: the text of the error). Returns -error. */
int output_file_refuse(const struct output_file *file, int error, const char *why);

/* Before output_file_begin(): whether the name still refers to the file that was opened. */
bool output_file_has_name(const struct output_file *file);

/* Close in any state. A file that was created and never begun is removed. */
void output_file_close(struct output_file *file);

#endif
