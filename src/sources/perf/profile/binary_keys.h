/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers of binaries by their keys: a build id, or device, inode, version and path. */
#ifndef SOURCES_PERF_PROFILE_BINARY_KEYS_H
#define SOURCES_PERF_PROFILE_BINARY_KEYS_H

#include <stddef.h>
#include <stdint.h>

struct binary_key;

/* The number of the binary with the key; NO_BINARY: there is none. */
uint32_t binary_key_find(struct binary_key *keys, const void *bytes, size_t n);

/*
 * Add a key. Without memory for it, the binary is not found again, and the same file gets another
 * number.
 */
void binary_key_add(struct binary_key **keys, const void *bytes, size_t n, uint32_t binary);
void binary_keys_free(struct binary_key **keys);

#endif
