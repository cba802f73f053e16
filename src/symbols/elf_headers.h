/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Opens ELF files with libelf, which trusts the sizes in the file. The measured user may have made
 * the file, so that anything unusual for an executable is refused.
 */
#ifndef SYMBOLS_ELF_HEADERS_H
#define SYMBOLS_ELF_HEADERS_H

#include <gelf.h>
#include <stdbool.h>
#include <stdint.h>

/* Length at which build ids are compared; the kernel reports 20 bytes. */
#define ELF_BUILD_ID_SIZE 20

/* An executable has about ten. */
#define ELF_PROGRAM_HEADERS_MAX 1024

/*
 * Open the ELF file behind fd, which the caller still owns. Returns a handle for elf_end(), or NULL
 * if this is no ELF file, or an unusual one.
 */
Elf *elf_headers_open(int fd);

/* Returns false if the file has none. A shorter id is padded with zeros. */
bool elf_build_id(Elf *elf, uint8_t build_id[ELF_BUILD_ID_SIZE]);

/* Whether there is a non-empty section with this name. */
bool elf_has_section(Elf *elf, const char *name);

/* The name in .gnu_debuglink, owned by the ELF handle; NULL: there is none. */
const char *elf_debug_link(Elf *elf);

#endif
