/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parses the times of saved runs. */
#ifndef REPORT_RFC3339_H
#define REPORT_RFC3339_H

#include <stddef.h>
#include <stdint.h>

/* The last parsed second, because successive rows often have the same one. Zeroed: none. */
struct rfc3339_cache {
	char date[20];
	uint64_t second;
};

/*
 * Parse "2024-05-14T21:28:49.416768909Z". The fraction may have any number of digits, of which nine
 * are used; an offset ("+02:00") may replace the "Z". Returns 0, or -EINVAL if this is no time, or
 * is before 1970.
 */
int rfc3339_parse(struct rfc3339_cache *cache, const char *text, size_t n, uint64_t *ns);

#endif
