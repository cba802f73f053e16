/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Functions at addresses in binaries according to debugging information, including those inlined
 * there. All addresses of a profile are looked up at once.
 */
#ifndef SOURCES_PERF_PROFILE_INLINED_H
#define SOURCES_PERF_PROFILE_INLINED_H

#include "sources/perf/profile/images.h"
#include "sources/perf/profile/strings.h"
#include "symbols/debug_info.h"

struct inlined_place {
	uint32_t binary; /* number in images */
	uint32_t first;  /* index of its first function in the list; n is 0 if nothing is known */
	uint32_t n;
	uint64_t address; /* as in the file's symbols */
};

struct inlined {
	/* After inlined_ask(): by binary and address, without duplicates. */
	struct inlined_place *places;
	size_t n, capacity;
	uint32_t *functions; /* numbers in strings */
	size_t n_functions, functions_capacity;
	enum debug_outcome outcome;
};

void inlined_fini(struct inlined *inlined);

/* Add a place to look up. Returns 0 or -ENOMEM. */
int inlined_add(struct inlined *inlined, uint32_t binary, uint64_t address);

/*
 * Look up all places; none may be added afterwards. debug_root: /usr/lib/debug. Returns 0 or
 * -ENOMEM.
 */
int inlined_ask(struct inlined *inlined, const struct images *images, struct strings *strings,
                const char *debug_root);

/* The functions at a place, from the outermost to the innermost; NULL: unknown. */
const uint32_t *inlined_find(const struct inlined *inlined, uint32_t binary, uint64_t address,
                             size_t *n);

/* Whether the user allows fetching debugging information from a server, by DEBUGINFOD_URLS. */
bool inlined_may_fetch(void);

/* Intern the demangled name of a function, truncated if it is long. Returns 0 or -ENOMEM. */
int function_intern(struct strings *strings, const char *symbol, uint32_t *number);

#endif
