/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files with symbols, and how much may be read of them. */
#ifndef TESTS_UNIT_SYMBOLS_SUPPORT_H
#define TESTS_UNIT_SYMBOLS_SUPPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/demangle.h"
#include "symbols/elf_symbols.h"
#include "symbols/perf_map.h"

#define ROOM ((size_t)64 * 1024 * 1024)
#define NOBODY ((uid_t)-1)

static inline void write_file(char path[64], const char *text)
{
	FILE *file;

	strcpy(path, "/tmp/symbols-test-XXXXXX");
	file = fdopen(mkstemp(path), "w");
	fputs(text, file);
	fclose(file);
}

/* This very program: where its code is in the file is told by /proc/self/maps. */
static inline uint64_t offset_in_file(const void *code, char path[4096])
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end, offset;
	char line[8192], mode[8];

	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %4095s", &start, &end, mode, &offset,
		           path) == 5 &&
		    (uintptr_t)code >= start && (uintptr_t)code < end) {
			fclose(maps);
			return (uintptr_t)code - start + offset;
		}
	}
	fclose(maps);
	fail();
	return 0;
}

#endif
