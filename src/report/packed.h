/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers and texts in few bytes, as page/data.js unpacks them, and their way into a page. */
#ifndef REPORT_PACKED_H
#define REPORT_PACKED_H

#include <stdint.h>
#include <stdio.h>

#include "core/text.h"

/* Seven bits a byte, the lowest first; the highest bit says that more follow (LEB128). */
void packed_add(struct text *out, uint64_t value);

/* Zigzag: small numbers of either sign are short. */
void packed_add_signed(struct text *out, int64_t value);

/* The length, then the bytes. */
void packed_add_text(struct text *out, const char *bytes, size_t n);

/* Compress (zlib) and write as base64. Returns 0 or -ENOMEM; the stream's errors are the caller's. */
int packed_write_base64(const struct text *packed, FILE *out);

#endif
