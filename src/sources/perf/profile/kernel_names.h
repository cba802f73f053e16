/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of kernel functions by address. From Linux 5.13 on, a BPF program asks the kernel, which
 * needs no right to see addresses; before, /proc/kallsyms is read. Nothing is loaded or read before
 * the first look-up.
 */
#ifndef SOURCES_PERF_PROFILE_KERNEL_NAMES_H
#define SOURCES_PERF_PROFILE_KERNEL_NAMES_H

#include <stdbool.h>
#include <stdint.h>

struct kernel_names;

/* Where names come from. */
enum kernel_names_way {
	KERNEL_NAMES_ASK,  /* the BPF program, or the file if it cannot be loaded */
	KERNEL_NAMES_FILE, /* only the file */
};

/*
 * kallsyms: /proc/kallsyms except in tests; it outlives the names. Returns NULL when memory ran
 * out.
 */
struct kernel_names *kernel_names_new(enum kernel_names_way way, const char *kallsyms);
void kernel_names_free(struct kernel_names *names);

/*
 * The function at the address; NULL: unknown. *module: "[nfs]", or NULL for the kernel itself. Both
 * are valid until the next call.
 */
const char *kernel_names_find(struct kernel_names *names, uint64_t address, const char **module);

/* Whether a look-up failed because the addresses are hidden from this user. */
bool kernel_names_are_hidden(const struct kernel_names *names);

#endif
