/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The functions of an ELF file, from its own symbols or those of its separate debugging
 * information.
 */
#ifndef SYMBOLS_ELF_SYMBOLS_H
#define SYMBOLS_ELF_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/elf_headers.h"

struct elf_symbols;

/*
 * Read the symbols of the file behind fd, which the caller still owns. path: where the file is, to
 * search for separate debugging information by name, or NULL. build_id: ELF_BUILD_ID_SIZE bytes
 * that the file must have (a shorter id is padded with zeros), or NULL. debug_root:
 * "/usr/lib/debug". room: the limit of memory for the symbols, in bytes. Returns 0, -ESTALE for
 * another build id, -ENOEXEC if this is no ELF file, -EFBIG if the symbols exceed the room, or
 * -ENOMEM.
 */
int elf_symbols_read(int fd, const char *path, const uint8_t *build_id, const char *debug_root,
                     size_t room, struct elf_symbols **symbols);

/* Memory of the symbols, in bytes. */
size_t elf_symbols_size(const struct elf_symbols *symbols);

/* Like elf_symbols_read(), for an ELF file in memory, the vDSO, which outlives the symbols. */
int elf_symbols_read_memory(const void *image, size_t size, struct elf_symbols **symbols);

void elf_symbols_free(struct elf_symbols *symbols);

/* Whether there is code at the offset in the file. */
bool elf_symbols_has_code(const struct elf_symbols *symbols, uint64_t offset);

/*
 * Convert an offset in the file to the address that the file's symbols have. Returns false if that
 * offset is not loaded.
 */
bool elf_symbols_address(const struct elf_symbols *symbols, uint64_t offset, uint64_t *address);

/* The mangled name of the function at the address, valid as long as symbols; NULL: unknown. */
const char *elf_symbols_name(const struct elf_symbols *symbols, uint64_t address);

/* Whether there is any symbol of a function. */
bool elf_symbols_has_any(const struct elf_symbols *symbols);

/* Whether every function has a symbol, not only those for dynamic linking (.dynsym). */
bool elf_symbols_are_complete(const struct elf_symbols *symbols);

/*
 * Whether libdw may find more: there is debugging information, here or in a separate file, or
 * .gnu_debugdata.
 */
bool elf_symbols_have_debug_info(const struct elf_symbols *symbols);

#endif
