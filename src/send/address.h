/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of the URL of a store. */
#ifndef SEND_ADDRESS_H
#define SEND_ADDRESS_H

#include <stddef.h>

/* Not NUL-terminated, except the scheme. */
struct address {
	const char *text;                            /* as given, with the protocol's name */
	const char *user, *authority, *path, *query; /* of lengths: */
	size_t n_user, n_authority, n_path, n_query;
	const char *scheme; /* "http://" or "https://" */
};

/*
 * Split the URL, which is part of text. Refused are characters that would end a line of a request,
 * ports that there are not, and passwords: every user of the machine can read arguments. Returns 0,
 * or -EINVAL or -ENOMEM, logged without the password. Both strings must outlive the address.
 */
int address_parse(const char *text, const char *url, struct address *address);

/* What a valid address looks like, for messages. */
extern const char address_usage[];

/* The address as messages show it: "…" if it may contain a password. */
const char *address_shown(const char *text);

/* The value of a key in the query, of *n bytes; NULL: it is not there. */
const char *address_find_key(const struct address *address, const char *key, size_t *n);

/* Decode "%41" of a URL; "%00" stays. Returns NULL if memory is short; the caller frees it. */
char *address_unescape(const char *bytes, size_t n);

#endif
