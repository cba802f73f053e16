/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Requests to a store. If the store cannot take a request now (it is away, slow, or answers 408,
 * 429 or 5xx), the request is repeated with growing pauses; a refused request is not repeated.
 */
#ifndef SEND_POST_H
#define SEND_POST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"
#include "send/curl.h"
#include "send/target.h"

struct post {
	const struct send_target *target;
	bool dry_run;   /* bodies go to the standard output */
	bool is_binary; /* bodies are no text: a dry run prints their sizes */
	struct curl curl;
	void *handle;
	struct curl_slist *headers;
	struct text answer, packed;
	size_t n_received; /* bytes of the answer, of which only the first are kept */
	char error[CURL_ERROR_SIZE];
	uint64_t accepted, refused; /* items so far */
	size_t rows_max;            /* the store takes at most this many at once, as seen so far */
	bool takes_none;            /* nothing has been accepted, and a single row was too large */
	bool away; /* the store, or the reader of a dry run, does not take it: give up */
};

/* Returns 0 or a negative errno, logged; call post_fini() in both cases. */
int post_init(struct post *post, const struct send_target *target, bool dry_run);
void post_fini(struct post *post);

/*
 * Send a body with n_items rows, lines or spans. url NULL: the target's. Returns 0 if the store has
 * taken it, or has refused it, which is counted and logged; -EIO, logged, if the store is away.
 */
int post_body(struct post *post, const char *url, const struct text *body, size_t n_items);

/*
 * The same for a body of whole rows after a header of n_header bytes, which may be 0. A body that
 * has more than rows_max rows, or is too large for the store, is sent in halves, down to single
 * rows. has_quotes: a line end between two '"' is part of a row.
 */
int post_rows(struct post *post, const char *url, const struct text *body, size_t n_header,
              size_t n_rows, bool has_quotes);

#endif
