/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Packs numbers and texts into few bytes, for page/data.js to unpack, and writes them into the
 * page.
 */
#ifndef REPORT_PACKED_H
#define REPORT_PACKED_H

#include <stdint.h>
#include <stdio.h>

#include "core/text.h"

/* LEB128: seven bits a byte, the lowest first; the highest bit is set if more bytes follow. */
void packed_add(struct text *out, uint64_t value);

/* Zigzag encoding: small numbers of either sign take few bytes. */
void packed_add_signed(struct text *out, int64_t value);

/* The length, followed by the bytes. */
void packed_add_text(struct text *out, const char *bytes, size_t n);

/*
 * Compress with zlib and write as base64. Returns 0 or -ENOMEM; the caller checks the stream for
 * errors.
 */
int packed_write_base64(const struct text *packed, FILE *out);

#endif
