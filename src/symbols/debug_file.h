/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the separate file with a program's symbols and debugging information. */
#ifndef SYMBOLS_DEBUG_FILE_H
#define SYMBOLS_DEBUG_FILE_H

#include <stdint.h>

#include "symbols/elf_headers.h"

/* Both return a file descriptor or a negative errno. root: /usr/lib/debug. */
int debug_file_by_build_id(const uint8_t build_id[ELF_BUILD_ID_SIZE], const char *root);

/* link: the contents of .gnu_debuglink; path: of the program, or NULL. */
int debug_file_by_link(const char *link, const char *path, const char *root);

#endif
