/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Functions from ELF symbol tables, by address. */
#ifndef SYMBOLS_ELF_FUNCTIONS_H
#define SYMBOLS_ELF_FUNCTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/elf_headers.h"

struct elf_function {
	uint64_t address, end; /* end: 0 if it has no size; address is first, for sorted_upto() */
	const char *name;      /* in strings */
	uint8_t rank;          /* of several names for one function, the lowest is used */
};

struct elf_functions {
	struct elf_function *functions; /* after sorting: ascending, one for each address */
	size_t n, capacity;
	char **strings; /* copies of string tables, with the names */
	size_t n_strings;
	size_t size, room; /* bytes in use, and their limit */
};

/*
 * Add the functions in the file's table of this type, SHT_SYMTAB or SHT_DYNSYM, if there is one.
 * Returns 0, -EFBIG if they exceed the room, or -ENOMEM.
 */
int elf_functions_read(Elf *elf, GElf_Word type, struct elf_functions *table);

/* Call this after the last elf_functions_read(). */
void elf_functions_sort(struct elf_functions *table);

/* The name of the function at the address; NULL: unknown. */
const char *elf_functions_name(const struct elf_functions *table, uint64_t address);

void elf_functions_fini(struct elf_functions *table);

#endif
