/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of cache events, which consist of a cache, an operation and a result: Alumet's
 * LL_READ_MISS, perf's LLC-load-misses. Their config is cache | operation << 8 | result << 16, see
 * perf_event_open(2).
 */
#ifndef SOURCES_PERF_EVENTS_ALIAS_CACHE_H
#define SOURCES_PERF_EVENTS_ALIAS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/perf/events/alias.h"

#define CACHE_PERF_NAME_SIZE 40

/* Look up a name of either notation, in any case. Returns false if it is not a cache event's. */
bool cache_find(const char *name, uint64_t *config);

/* Alumet's name: "LL_READ_MISS". */
void cache_name(uint64_t config, char name[static ALIAS_NAME_SIZE]);

/*
 * The name that perf list shows: "LLC-load-misses". Returns false if perf has no such event,
 * because the operation makes no sense for the cache (a write to an instruction cache).
 */
bool cache_perf_name(uint64_t config, char name[static CACHE_PERF_NAME_SIZE]);

/* The config of the cache event with this index, from 0. Returns false after the last one. */
bool cache_at(size_t index, uint64_t *config);

#endif
