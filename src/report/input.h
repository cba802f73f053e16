/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The bytes of a saved run, whether it is stored plain, as gzip or as zstd (told by its first bytes). */
#ifndef REPORT_INPUT_H
#define REPORT_INPUT_H

#include <stddef.h>
#include <sys/types.h>

struct report_input;

/* Open a file; "-" is the standard input. Returns 0, or a negative errno after logging it. */
int report_input_open(const char *path, struct report_input **input);
void report_input_close(struct report_input *input);

/*
 * Read up to size bytes. Returns how many, 0 at the end, a negative errno after logging it.
 * Compressed data that end early or are damaged end here; report_input_damage() tells so.
 */
ssize_t report_input_read(struct report_input *input, char *buffer, size_t size);

/* After the end: what is wrong with the compressed data, for the user; NULL: nothing. */
const char *report_input_damage(const struct report_input *input);

#endif
