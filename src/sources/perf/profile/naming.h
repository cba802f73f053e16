/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Converts frames into names of functions, after the run. */
#ifndef SOURCES_PERF_PROFILE_NAMING_H
#define SOURCES_PERF_PROFILE_NAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/perf/profile/candidates.h"
#include "sources/perf/profile/images.h"
#include "sources/perf/profile/kernel_names.h"
#include "sources/perf/profile/stacks.h"
#include "sources/perf/profile/strings.h"
#include "symbols/debug_info.h"

struct naming;

/* Numbers in strings. */
struct frame_name {
	/*
	 * The function, "main", and those inlined at that place, from the outermost to the
	 * innermost; "[libfoo.so+0x12]" if there is no name.
	 */
	uint32_t functions[DEBUG_FUNCTIONS_MAX];
	size_t n;
	uint32_t module; /* "libfoo.so", "[kernel]"; "": unknown */
	bool is_code;    /* false: the kernel mistook something else for a return address */
};

/* Files of the machine; NULL: not used, in tests. */
struct naming_paths {
	enum kernel_names_way kernel;
	const char *kallsyms;      /* /proc/kallsyms */
	const char *debug_root;    /* /usr/lib/debug */
	const char *perf_maps;     /* /tmp */
	const char *library_cache; /* /etc/ld.so.cache */
};

/*
 * images, strings and programs outlive the naming. A binary whose path is unknown is looked for
 * among the programs. Returns 0 or -ENOMEM.
 */
int naming_new(struct images *images, struct strings *strings, const struct programs *programs,
               const struct naming_paths *paths, struct naming **naming);
void naming_free(struct naming *naming);

/*
 * Read the debugging information for all frames of the stacks; without this call, no inlined
 * functions are found. Returns 0 or -ENOMEM.
 */
int naming_prepare(struct naming *naming, const struct stacks *stacks);

/* How reading debugging information ended. */
enum debug_outcome naming_debug_outcome(const struct naming *naming);

/* Returns 0 or -ENOMEM. */
int naming_find(struct naming *naming, const struct stack_frame *frame, struct frame_name *name);

/* Names of the kernel's functions were needed, but are hidden from this user. */
bool naming_lacks_kernel(const struct naming *naming);

#endif
