/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Times of saved runs. */
#ifndef REPORT_RFC3339_H
#define REPORT_RFC3339_H

#include <stddef.h>
#include <stdint.h>

/* The second that was parsed last: rows of a file have few different ones. Zeroed: none. */
struct rfc3339_cache {
	char date[20];
	uint64_t second;
};

/*
 * Parse "2024-05-14T21:28:49.416768909Z": any number of digits of a fraction, of which nine count,
 * and an offset ("+02:00") for the "Z". Returns 0, or -EINVAL: none, or before 1970.
 */
int rfc3339_parse(struct rfc3339_cache *cache, const char *text, size_t n, uint64_t *ns);

#endif
