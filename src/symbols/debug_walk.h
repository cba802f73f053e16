/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds the functions at addresses in debugging information: the one that has the code, and those
 * inlined there.
 */
#ifndef SYMBOLS_DEBUG_WALK_H
#define SYMBOLS_DEBUG_WALK_H

#include "symbols/debug_info.h"
#include "symbols/libdw.h"

/* The functions at one address, from the outermost to the innermost; libdw owns the names. */
struct debug_functions {
	size_t n;
	const char *names[DEBUG_FUNCTIONS_MAX];
};

/*
 * Fill in the functions of n addresses, in ascending order, as in the file's symbols. functions
 * must be zeroed; they stay so where nothing is known.
 */
void debug_walk(const struct libdw *libdw, struct dwarf *dwarf, const uint64_t *addresses, size_t n,
                struct debug_functions *functions);

#endif
