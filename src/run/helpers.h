/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Daemons that work for the command: the peers of its Unix sockets, and how much CPU time they use
 * meanwhile. The first look is 300 ms after the command's start, later ones ever less often.
 */
#ifndef RUN_HELPERS_H
#define RUN_HELPERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux/unix_peers.h"

#define HELPERS_MAX 4
#define HELPERS_TEXT_SIZE 400

struct rusage;

struct helper {
	uint32_t pid;
	uint64_t start_ticks; /* with the pid, identifies the process */
	uint64_t ticks;       /* of CPU time, when it was found */
	uint64_t used_ticks;  /* since then */
	char comm[16];
	char path[UNIX_PATH_SIZE]; /* where it listens */
};

struct helpers {
	int fd; /* readable when it is time to look; -1: no more looks */
	struct helper helpers[HELPERS_MAX];
	size_t n;
	unsigned int looks;
};

/*
 * Called when the command starts. Returns the file descriptor, or a negative errno; then there is
 * nothing else to do.
 */
int helpers_begin(struct helpers *helpers);

/*
 * Called when the file descriptor is readable: look at the sockets of the command and of some of
 * its descendants. command 0: it has ended. The last look closes the file descriptor.
 */
void helpers_ready(struct helpers *helpers, uint32_t command);

/*
 * Called when the command has ended, after wall_ns. usage: of the command and of the children it
 * has waited for. If the command did almost nothing and a helper that still runs did much, write to
 * text that it did, and the command line that measures it. Returns whether that is so.
 */
bool helpers_explain(struct helpers *helpers, const struct rusage *usage, uint64_t wall_ns,
                     char text[static HELPERS_TEXT_SIZE]);

/* May be called without helpers_begin() if fd is -1. */
void helpers_end(struct helpers *helpers);

#endif
