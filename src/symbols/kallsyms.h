/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The functions of the kernel, its modules and BPF programs, from /proc/kallsyms. */
#ifndef SYMBOLS_KALLSYMS_H
#define SYMBOLS_KALLSYMS_H

#include <stdint.h>

struct kallsyms;

/*
 * Read the file; path is /proc/kallsyms, except in tests. Returns 0, -EACCES if the addresses are
 * hidden from this user, or another negative errno.
 */
int kallsyms_read(const char *path, struct kallsyms **symbols);
void kallsyms_free(struct kallsyms *symbols);

/*
 * The function at the address; NULL: there is none. *module: "[nfs]", or NULL for the kernel
 * itself. Both are valid as long as symbols.
 */
const char *kallsyms_name(const struct kallsyms *symbols, uint64_t address, const char **module);

#endif
