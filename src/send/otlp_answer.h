/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ExportTraceServiceResponse of opentelemetry-proto: with status 200, too, it may say that the
 * receiver has rejected some of the spans.
 */
#ifndef SEND_OTLP_ANSWER_H
#define SEND_OTLP_ANSWER_H

#include <stddef.h>
#include <stdint.h>

struct otlp_answer {
	uint64_t rejected;   /* spans */
	const char *message; /* the reason; NULL: none. Not NUL-terminated */
	size_t n_message;
};

/* Reads malformed or truncated messages as far as they are valid. */
void otlp_answer_read(const char *bytes, size_t n, struct otlp_answer *answer);

#endif
