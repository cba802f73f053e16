/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Why a request failed, for a message: never with the token, or the password of a proxy. */
#ifndef SEND_REASON_H
#define SEND_REASON_H

#include <stddef.h>

#include "core/text.h"
#include "send/token.h"

/* Bytes of an answer shown as the reason; more are kept, to find a token that begins in these. */
#define REASON_MAX 400
#define REASON_SIZE (REASON_MAX + 64)
#define REASON_ANSWER_MAX (REASON_MAX + SEND_TOKEN_MAX)

/*
 * The first line of n bytes of the store's answer, after ": "; "" if there is none. It is not shown
 * if the answer quotes the token (NULL: none) or a part of it.
 */
void reason_of_answer(const struct text *answer, const char *token, const char *bytes, size_t n,
                      char reason[static REASON_SIZE]);

/*
 * libcurl's message about this request, or if it is empty, the general one of the error. The
 * address of a proxy, which libcurl quotes if it is no URL, is not shown.
 */
void reason_of_curl(const char *message, const char *general, char reason[static REASON_SIZE]);

#endif
