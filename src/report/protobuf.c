/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/protobuf.h"

#include "report/packed.h"

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_LENGTH = 2 };

static void add_tag(struct text *out, unsigned int field, enum wire_type type)
{
	packed_add(out, (uint64_t)field << 3 | type);
}

void protobuf_add_u64(struct text *out, unsigned int field, uint64_t value)
{
	add_tag(out, field, WIRE_VARINT);
	packed_add(out, value);
}

void protobuf_add_fixed64(struct text *out, unsigned int field, uint64_t value)
{
	unsigned char bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(value >> 8 * i);
	add_tag(out, field, WIRE_FIXED64);
	text_add(out, bytes, sizeof(bytes));
}

void protobuf_add_double(struct text *out, unsigned int field, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	protobuf_add_fixed64(out, field, bits);
}

void protobuf_add_bytes(struct text *out, unsigned int field, const char *bytes, size_t n)
{
	add_tag(out, field, WIRE_LENGTH);
	packed_add_text(out, bytes, n);
}
