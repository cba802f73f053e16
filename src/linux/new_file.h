/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A file that is written in one go, as a report is, under the rules of linux/trust.h. It gets its
 * name when it is whole: if it cannot be written (the disk is full), or the agent is killed
 * meanwhile, there is no file, and an existing one stays as it was.
 *
 * Written in place are existing files that cannot be replaced by a new one with the same owner and
 * mode, those with several names (hard links), FIFOs and devices; and all files where the file
 * system has no unnamed files (O_TMPFILE), as NFS: then what was written is removed, or cut to 0.
 */
#ifndef LINUX_NEW_FILE_H
#define LINUX_NEW_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "linux/trust.h"

struct new_file {
	FILE *stream;
	const char *path; /* of the caller; NULL: the standard output */
	struct trusted_name place;
	int existing;      /* the file that will be replaced, locked; -1: none */
	bool is_unnamed;   /* until it is whole */
	bool is_created;   /* in place */
	bool is_truncated; /* in place */
};

/*
 * Open it. A FIFO without a reader is refused (-ENXIO), and a file that another program has locked
 * (-EBUSY), such as a running agent. /dev/stdout, /dev/stderr and /dev/fd/N mean the file
 * descriptor itself, with its offset. Returns 0, and new_file_close() must be called; or a negative
 * errno, logged. SIGXFSZ must be blocked or ignored, so that a limit on file sizes is an error.
 */
int new_file_open(struct new_file *file, const char *path, bool trust_others);

/*
 * Write out what is buffered, and give the file its name. err: an error of the caller, already
 * logged: the file is given up. Returns err, or an error in writing, logged.
 */
int new_file_close(struct new_file *file, int err);

#endif
