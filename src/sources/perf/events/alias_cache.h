/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of cache events, which are put together from a cache, an operation and a result: Alumet's
 * LL_READ_MISS, perf's LLC-load-misses. Their config is cache | operation << 8 | result << 16, see
 * perf_event_open(2).
 */
#ifndef PERF_ALIAS_CACHE_H
#define PERF_ALIAS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/perf/events/alias.h"

#define CACHE_PERF_NAME_SIZE 40

/* Either notation, in any case. False when it is no cache event's name. */
bool cache_find(const char *name, uint64_t *config);

/* Alumet's name: "LL_READ_MISS". */
void cache_name(uint64_t config, char name[static ALIAS_NAME_SIZE]);

/*
 * The name that perf list shows: "LLC-load-misses". False when perf knows no such event because the
 * operation makes no sense for the cache (a write to an instruction cache).
 */
bool cache_perf_name(uint64_t config, char name[static CACHE_PERF_NAME_SIZE]);

/* The configs of all cache events, index counting from 0; false behind the last. */
bool cache_at(size_t index, uint64_t *config);

#endif
