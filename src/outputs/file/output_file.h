/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The file of an output: opened before the command starts, so that what can fail fails there, but
 * changed only when the command has started; written in whole records at its final name, so that
 * what is there is readable whenever the agent ends.
 *
 * Anything that can be written to will do: a regular file, a FIFO (opening waits for its reader), a
 * terminal, /dev/null. /dev/stdout, /dev/stderr and /dev/fd/N mean the descriptor itself, with its
 * offset; none of those that the agent has opened itself. Block devices are refused, and so is what
 * somebody else may have planted: linux/trust.h.
 *
 * One run at a time writes to a regular file: it is locked, flock(2), until it is closed.
 */
#ifndef OUTPUTS_OUTPUT_FILE_H
#define OUTPUTS_OUTPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "alumet/output.h"
#include "linux/trust.h"

struct output_file {
	const struct output_context *context;
	char *path;                /* as it was given */
	struct trusted_name place; /* where it is; .folder is closed by output_file_begin() */
	int fd;                    /* -1: closed. Close-on-exec, never 0, 1 or 2 */
	bool append;               /* what is there already stays */
	bool regular;              /* and opened by us: can be cut */
	bool waits;   /* no file on a disk: a write may have to wait for who reads it */
	bool created; /* by output_file_open(), and removed again if there is no begin */
	bool begun;
};

/* Closed: what output_file_close() may be given, and leaves. */
void output_file_init(struct output_file *file);

/*
 * Open, or create, the file at path (copied), and lock it. Nothing that existed is changed.
 * append: an existing regular file can be read, too. The context must outlive the file.
 * Returns 0; -EBUSY when somebody else has locked it; or another negative errno. Told to the user;
 * the file is then closed.
 */
int output_file_open(struct output_file *file, const char *path, bool append,
                     const struct output_context *context);

/*
 * Between open and begin: keep what is there as PATH.old, in the place of what was kept before, and
 * have an empty file with its owner and mode instead, locked likewise. Nothing is done with a file
 * that was created, is empty, is appended to, or is no regular file by that very name. Returns 1; 0 if
 * there is nothing to be kept; or a negative errno, logged, with all as it was.
 */
int output_file_keep_old(struct output_file *file);

/* From here on the file is for real: empty it, unless it is appended to. 0 or -errno, told. */
int output_file_begin(struct output_file *file);

/*
 * Write the n bytes. When that fails in the middle (the disk is full), a regular file is cut back
 * to the last whole record: whole_records tells how many of the first n bytes are such.
 * Returns how many were written, less than n only when the context has said that something else is to
 * be done first; or a negative errno, told to the user. A closed pipe is -EPIPE, SIGPIPE being blocked.
 */
ssize_t output_file_write(struct output_file *file, const char *data, size_t n,
                          size_t (*whole_records)(const char *data, size_t n));

/*
 * Close, and hear of what a file system reports only then. Not synchronised to the disk: that
 * takes longer than many a command, and guards against the machine's failure only.
 * Returns 0 or a negative errno, told to the user.
 */
int output_file_finish(struct output_file *file);

/* Tell the user that the file cannot be written, and why (NULL: as the error says). Returns -error. */
int output_file_refuse(const struct output_file *file, int error, const char *why);

/* Before output_file_begin(): whether its name still means the file that was opened. */
bool output_file_has_name(const struct output_file *file);

/* Close in any state. A file that was created and never begun is removed. */
void output_file_close(struct output_file *file);

#endif
