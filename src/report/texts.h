/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Interns texts: names, paths, arguments. */
#ifndef REPORT_TEXTS_H
#define REPORT_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"

struct report_text {
	uint32_t id; /* counts from 0, in the order in which they were added */
	uint32_t hash;
	size_t n;
	struct report_text *next_in_bucket, *next; /* next: by id */
	char bytes[];                              /* any bytes, NUL-terminated */
};

/* Zeroed: empty. */
struct report_texts {
	struct arena arena;
	struct report_text **buckets;
	size_t n_buckets, n;
	struct report_text *first, *last;
};

void report_texts_fini(struct report_texts *texts);

/* The text with these bytes, added if it is new; NULL if memory ran out. */
const struct report_text *report_texts_get(struct report_texts *texts, const char *bytes, size_t n);

#endif
