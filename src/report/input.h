/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads the bytes of a saved run, which may be compressed with gzip or zstd, as its first bytes
 * show.
 */
#ifndef REPORT_INPUT_H
#define REPORT_INPUT_H

#include <stddef.h>
#include <sys/types.h>

struct report_input;

/* Open a file; "-" is the standard input. Returns 0, or a negative errno after logging it. */
int report_input_open(const char *path, struct report_input **input);
void report_input_close(struct report_input *input);

/*
 * Read up to size bytes. Returns the number, 0 at the end, or a negative errno after logging it.
 * Compressed data that are truncated or damaged end there: see report_input_damage().
 */
ssize_t report_input_read(struct report_input *input, char *buffer, size_t size);

/* At the end: what is wrong with the compressed data, for the user; NULL: nothing. */
const char *report_input_damage(const struct report_input *input);

#endif
