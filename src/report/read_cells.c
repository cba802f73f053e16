/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/read_parts.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>

#include "core/signal_name.h"

const struct report_bytes *row_attribute(const struct report_row *row, const char *key)
{
	for (size_t i = 0; i < row->n_attributes; i++) {
		if (report_bytes_equal(row->attributes[i].key, key))
			return &row->attributes[i].value;
	}
	return NULL;
}

/* Parse a whole number up to 2^64 - 1. Returns false if it is none. */
static bool cell_u64(struct report_bytes bytes, uint64_t *value)
{
	uint64_t number = 0;

	if (bytes.n == 0 || bytes.n > 20)
		return false;
	for (size_t i = 0; i < bytes.n; i++) {
		const unsigned char digit = (unsigned char)(bytes.at[i] - '0');

		if (digit > 9 || number > UINT64_MAX / 10 ||
		    (number == UINT64_MAX / 10 && digit > UINT64_MAX % 10))
			return false;
		number = number * 10 + digit;
	}
	*value = number;
	return true;
}

bool cell_u32(struct report_bytes bytes, uint32_t *value)
{
	uint64_t number;

	if (!cell_u64(bytes, &number) || number > UINT32_MAX)
		return false;
	*value = (uint32_t)number;
	return true;
}

/* The program's locale is C, so the decimal separator is a point. */
bool cell_number(struct report_bytes bytes, double *value)
{
	uint64_t number;
	char *end;

	if (cell_u64(bytes, &number)) {
		*value = (double)number;
		return true;
	}
	if (bytes.n == 0)
		return false;
	*value = strtod(bytes.at, &end);
	return end == bytes.at + bytes.n && isfinite(*value);
}

uint32_t row_u32(const struct report_row *row, const char *key)
{
	const struct report_bytes *bytes = row_attribute(row, key);
	uint32_t value;

	return bytes && cell_u32(*bytes, &value) ? value : 0;
}

uint8_t row_signal(const struct report_bytes *name, double status)
{
	const int signal = signal_of_name(name->at, name->n);

	/* A real-time signal has no short name; its number follows from the status. */
	if (signal <= 0 && status > 128 && status < 128 + NSIG)
		return (uint8_t)(status - 128);
	return (uint8_t)signal;
}

const struct report_text *reader_keep(struct reader *reader, const struct report_bytes *bytes)
{
	if (!bytes)
		return reader->builder.nothing;
	return report_texts_get(&reader->builder.data->texts, bytes->at, bytes->n);
}

uint64_t row_u64(const struct report_row *row, const char *key)
{
	const struct report_bytes *bytes = row_attribute(row, key);
	uint64_t value;

	return bytes && cell_u64(*bytes, &value) ? value : 0;
}
