/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Interns texts, which then have numbers. */
#ifndef SOURCES_PERF_PROFILE_STRINGS_H
#define SOURCES_PERF_PROFILE_STRINGS_H

#include <stddef.h>
#include <stdint.h>

#define NO_STRING UINT32_MAX

struct strings_entry;

struct strings {
	struct strings_entry *by_text;
	struct strings_entry **entries; /* by number */
	size_t n, capacity;
};

void strings_fini(struct strings *strings);

/* The number of a text; NO_STRING when memory ran out. */
uint32_t strings_intern(struct strings *strings, const char *text);

/* The text of a number that strings_intern() gave; valid as long as strings. */
const char *strings_get(const struct strings *strings, uint32_t number);

#endif
