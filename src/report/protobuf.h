/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Writes protocol buffers into a text, field by field:
 * https://protobuf.dev/programming-guides/encoding/
 */
#ifndef REPORT_PROTOBUF_H
#define REPORT_PROTOBUF_H

#include <stdint.h>

#include "core/text.h"

void protobuf_add_u64(struct text *out, unsigned int field, uint64_t value);
void protobuf_add_fixed64(struct text *out, unsigned int field, uint64_t value);
void protobuf_add_double(struct text *out, unsigned int field, double value);

/* A string, bytes, or a finished message. */
void protobuf_add_bytes(struct text *out, unsigned int field, const char *bytes, size_t n);

#endif
