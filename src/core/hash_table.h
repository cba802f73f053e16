/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * uthash with two changes. When memory runs out, it does not end the program: the element is not
 * added, and its hh.tbl is NULL. Keys are hashed by a function instead of a macro of 60 lines that
 * would be expanded at every lookup.
 */
#ifndef CORE_HASH_TABLE_H
#define CORE_HASH_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(key, size, hash) ((hash) = hash_bytes(key, size))
#include <uthash.h>

/* splitmix64's finaliser: every bit of the result depends on every bit of x. */
uint64_t hash_mix(uint64_t x);

/* Hash the bytes of a key. Padding between its members must be zeroed. */
uint32_t hash_bytes(const void *key, size_t size);

#endif
