/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the fuzz targets share. A target is one file fuzz_NAME.c with the function below, for
 * libFuzzer, or for replay.c, which runs it over files.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns 0: libFuzzer's contract. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input is. */
static inline void fuzz_require(bool holds, const char *what, int line)
{
	if (holds)
		return;
	fprintf(stderr, "line %d: does not hold: %s\n", line, what);
	abort();
}

#define REQUIRE(condition) fuzz_require(condition, #condition, __LINE__)

/* The input, or what is left of it. */
struct input {
	const uint8_t *data;
	size_t n;
};

/* The next bytes as they are; 0 where the input ends. */
static inline void take_bytes(struct input *input, void *to, size_t n)
{
	size_t here = n < input->n ? n : input->n;

	memset(to, 0, n);
	if (here)
		memcpy(to, input->data, here);
	input->data += here;
	input->n -= here;
}

static inline uint8_t take_u8(struct input *input)
{
	uint8_t value;

	take_bytes(input, &value, sizeof(value));
	return value;
}

static inline uint16_t take_u16(struct input *input)
{
	uint16_t value;

	take_bytes(input, &value, sizeof(value));
	return value;
}

static inline uint64_t take_u64(struct input *input)
{
	uint64_t value;

	take_bytes(input, &value, sizeof(value));
	return value;
}

/* A copy of n bytes, or of what is left, with a NUL: in memory of just that size, to be freed. */
static inline char *take_text(struct input *input, size_t n)
{
	size_t here = n < input->n ? n : input->n;
	char *text = malloc(here + 1);

	if (!text)
		abort();
	take_bytes(input, text, here);
	text[here] = '\0';
	return text;
}

/* All that is left; a NUL in it ends the text early. */
static inline char *take_rest(struct input *input)
{
	return take_text(input, input->n);
}

#endif
