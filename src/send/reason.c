/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "send/reason.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* So many bytes of a token in a row are not in an answer by chance. */
#define TOKEN_PART ((size_t)8)

static bool quotes(const struct text *answer, const char *token)
{
	const size_t length = token ? strlen(token) : 0;
	const size_t part = length < TOKEN_PART ? length : TOKEN_PART;

	for (size_t i = 0; answer->n > 0 && length > 0 && i + part <= length; i++) {
		if (memmem(answer->data, answer->n, token + i, part))
			return true;
	}
	return false;
}

void reason_of_answer(const struct text *answer, const char *token, const char *bytes, size_t n,
                      char reason[static REASON_SIZE])
{
	size_t length = 0;

	while (n > 0 && isspace((unsigned char)*bytes)) {
		bytes++;
		n--;
	}
	while (length < n && length < REASON_MAX && !strchr("\r\n", bytes[length]))
		length++; /* strchr() finds a NUL, too */
	if (quotes(answer, token))
		snprintf(reason, REASON_SIZE, " (its answer quotes the token)");
	else
		snprintf(reason, REASON_SIZE, "%s%.*s", length > 0 ? ": " : "", (int)length,
		         length > 0 ? bytes : "");
}

void reason_of_curl(const char *message, const char *general, char reason[static REASON_SIZE])
{
	if (strstr(message, "://"))
		snprintf(reason, REASON_SIZE,
		         "%s: http_proxy, https_proxy or all_proxy is not the address of a proxy",
		         general);
	else
		snprintf(reason, REASON_SIZE, "%s", *message ? message : general);
}
