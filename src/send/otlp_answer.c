/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "send/otlp_answer.h"

#include <stdbool.h>

/* Field numbers. */
enum { PARTIAL_SUCCESS = 1, REJECTED_SPANS = 1, ERROR_MESSAGE = 2 };

/* https://protobuf.dev/programming-guides/encoding/#structure */
enum { TYPE_VARINT = 0, TYPE_FIXED64 = 1, TYPE_BYTES = 2, TYPE_FIXED32 = 5 };

struct reader {
	const char *at, *end;
};

struct field {
	uint64_t number, value;
	struct reader bytes; /* of TYPE_BYTES; else at is NULL */
};

static bool read_varint(struct reader *reader, uint64_t *value)
{
	*value = 0;
	for (unsigned int shift = 0; shift < 64 && reader->at < reader->end; shift += 7) {
		const unsigned char byte = (unsigned char)*reader->at++;

		*value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

/* Returns false at the end, and if this is no valid field. */
static bool read_field(struct reader *reader, struct field *field)
{
	uint64_t key, size = 0;

	if (!read_varint(reader, &key))
		return false;
	*field = (struct field){.number = key >> 3};
	switch (key & 7) {
	case TYPE_VARINT:
		return read_varint(reader, &field->value);
	case TYPE_BYTES:
		if (!read_varint(reader, &size))
			return false;
		field->bytes.at = reader->at;
		break;
	case TYPE_FIXED64:
		size = 8;
		break;
	case TYPE_FIXED32:
		size = 4;
		break;
	default:
		return false;
	}
	if (size > (uint64_t)(reader->end - reader->at))
		size = (uint64_t)(reader->end - reader->at);
	reader->at += size;
	field->bytes.end = reader->at;
	return true;
}

void otlp_answer_read(const char *bytes, size_t n, struct otlp_answer *answer)
{
	struct reader all = {bytes, bytes + n};
	struct field partial, field;

	*answer = (struct otlp_answer){.message = NULL};
	if (n == 0)
		return;
	while (read_field(&all, &partial)) {
		if (partial.number != PARTIAL_SUCCESS || !partial.bytes.at)
			continue;
		while (read_field(&partial.bytes, &field)) {
			if (field.number == REJECTED_SPANS && !field.bytes.at) {
				answer->rejected = field.value;
			} else if (field.number == ERROR_MESSAGE && field.bytes.at) {
				answer->message = field.bytes.at;
				answer->n_message = (size_t)(field.bytes.end - field.bytes.at);
			}
		}
	}
}
