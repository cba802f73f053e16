/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/alias_cache.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define N_CACHES PERF_COUNT_HW_CACHE_MAX
#define N_OPERATIONS PERF_COUNT_HW_CACHE_OP_MAX
#define N_RESULTS PERF_COUNT_HW_CACHE_RESULT_MAX
#define N_WORDS 6

/* A part of a name: Alumet's word, and perf's words, of which perf list shows the first two. */
struct part {
	const char *name;
	const char *perf[N_WORDS];
};

static const struct part caches[N_CACHES] = {
	[PERF_COUNT_HW_CACHE_L1D] = {"L1D", {"L1-dcache", "l1-d", "l1d", "L1-data"}},
	[PERF_COUNT_HW_CACHE_L1I] = {"L1I", {"L1-icache", "l1-i", "l1i", "L1-instruction"}},
	[PERF_COUNT_HW_CACHE_LL] = {"LL", {"LLC", "L2"}},
	[PERF_COUNT_HW_CACHE_DTLB] = {"DTLB", {"dTLB", "d-tlb", "Data-TLB"}},
	[PERF_COUNT_HW_CACHE_ITLB] = {"ITLB", {"iTLB", "i-tlb", "Instruction-TLB"}},
	[PERF_COUNT_HW_CACHE_BPU] = {"BPU", {"branch", "branches", "bpu", "btb", "bpc"}},
	[PERF_COUNT_HW_CACHE_NODE] = {"NODE", {"node"}},
};

static const struct part operations[N_OPERATIONS] = {
	[PERF_COUNT_HW_CACHE_OP_READ] = {"READ", {"load", "loads", "read"}},
	[PERF_COUNT_HW_CACHE_OP_WRITE] = {"WRITE", {"store", "stores", "write"}},
	[PERF_COUNT_HW_CACHE_OP_PREFETCH] = {"PREFETCH",
                                             {"prefetch", "prefetches", "speculative-read",
                                              "speculative-load"}},
};

static const struct part results[N_RESULTS] = {
	[PERF_COUNT_HW_CACHE_RESULT_ACCESS] = {"ACCESS", {"refs", "Reference", "ops", "access"}},
	[PERF_COUNT_HW_CACHE_RESULT_MISS] = {"MISS", {"misses", "miss"}},
};

static uint64_t config_of(size_t cache, size_t operation, size_t result)
{
	return cache | operation << 8 | result << 16;
}

/* Whether a cache has the operation, as in perf list. */
static bool has_operation(size_t cache, size_t operation)
{
	switch (cache) {
	case PERF_COUNT_HW_CACHE_ITLB:
	case PERF_COUNT_HW_CACHE_BPU:
		return operation == PERF_COUNT_HW_CACHE_OP_READ;
	case PERF_COUNT_HW_CACHE_L1I:
		return operation != PERF_COUNT_HW_CACHE_OP_WRITE;
	default:
		return true;
	}
}

/* The word's length if the text starts with it, followed by the separator or the end; else 0. */
static size_t match_word(const char *text, const char *word, char separator)
{
	const size_t length = strlen(word);

	if (strncasecmp(text, word, length) != 0)
		return 0;
	return text[length] == '\0' || text[length] == separator ? length : 0;
}

static size_t match_part(const char *text, const struct part *part, bool perf)
{
	size_t length = 0;

	if (!perf)
		return match_word(text, part->name, '_');
	for (size_t w = 0; w < N_WORDS && part->perf[w] && !length; w++)
		length = match_word(text, part->perf[w], '-');
	return length;
}

/* The index of the part at the start of the text, or -1; *text moves past it and its separator. */
static int take_part(const char **text, const struct part *parts, size_t n, bool perf)
{
	for (size_t i = 0; i < n; i++) {
		const size_t length = match_part(*text, &parts[i], perf);

		if (length == 0)
			continue;
		*text += length;
		if (**text)
			(*text)++;
		return (int)i;
	}
	return -1;
}

static bool ends_in_separator(const char *name)
{
	const size_t length = strlen(name);

	return length > 0 && (name[length - 1] == '-' || name[length - 1] == '_');
}

/* All three parts, in order. */
static bool find_alumet(const char *name, uint64_t *config)
{
	int cache = take_part(&name, caches, N_CACHES, false);
	int operation = cache < 0 ? -1 : take_part(&name, operations, N_OPERATIONS, false);
	int result = operation < 0 ? -1 : take_part(&name, results, N_RESULTS, false);

	if (result < 0 || *name)
		return false;
	*config = config_of((size_t)cache, (size_t)operation, (size_t)result);
	return true;
}

/*
 * A cache, then at most one operation and one result in either order; the defaults are reads and
 * accesses.
 */
static bool find_perf(const char *name, uint64_t *config)
{
	int cache = take_part(&name, caches, N_CACHES, true);
	int operation = -1, result = -1;

	if (cache < 0)
		return false;
	while (*name) {
		if (operation < 0 &&
		    (operation = take_part(&name, operations, N_OPERATIONS, true)) >= 0)
			continue;
		if (result < 0 && (result = take_part(&name, results, N_RESULTS, true)) >= 0)
			continue;
		return false;
	}
	if (operation < 0)
		operation = PERF_COUNT_HW_CACHE_OP_READ;
	if (result < 0)
		result = PERF_COUNT_HW_CACHE_RESULT_ACCESS;
	if (!has_operation((size_t)cache, (size_t)operation))
		return false;
	*config = config_of((size_t)cache, (size_t)operation, (size_t)result);
	return true;
}

bool cache_find(const char *name, uint64_t *config)
{
	if (ends_in_separator(name))
		return false;
	return find_alumet(name, config) || find_perf(name, config);
}

void cache_name(uint64_t config, char name[static ALIAS_NAME_SIZE])
{
	snprintf(name, ALIAS_NAME_SIZE, "%s_%s_%s", caches[config & 0xff].name,
	         operations[config >> 8 & 0xff].name, results[config >> 16 & 0xff].name);
}

bool cache_perf_name(uint64_t config, char name[static CACHE_PERF_NAME_SIZE])
{
	const size_t cache = config & 0xff, operation = config >> 8 & 0xff;

	if (!has_operation(cache, operation))
		return false;
	if (config >> 16 == PERF_COUNT_HW_CACHE_RESULT_MISS)
		snprintf(name, CACHE_PERF_NAME_SIZE, "%s-%s-%s", caches[cache].perf[0],
		         operations[operation].perf[0],
		         results[PERF_COUNT_HW_CACHE_RESULT_MISS].perf[0]);
	else
		snprintf(name, CACHE_PERF_NAME_SIZE, "%s-%s", caches[cache].perf[0],
		         operations[operation].perf[1]);
	return true;
}

bool cache_at(size_t index, uint64_t *config)
{
	const size_t result = index % N_RESULTS;
	const size_t operation = index / N_RESULTS % N_OPERATIONS;
	const size_t cache = index / N_RESULTS / N_OPERATIONS;

	if (cache >= N_CACHES)
		return false;
	*config = config_of(cache, operation, result);
	return true;
}
