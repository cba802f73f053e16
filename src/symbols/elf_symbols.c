/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "symbols/elf_symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbols/debug_file.h"
#include "symbols/elf_functions.h"
#include "symbols/elf_headers.h"

struct segment {
	uint64_t offset, size, address;
	bool is_executable;
};

struct elf_symbols {
	struct segment *segments;
	size_t n_segments;
	struct elf_functions table;
	bool is_complete, has_debug_info;
};

/* --- the file --------------------------------------------------------------------------------- */

static int read_segments(Elf *elf, struct elf_symbols *symbols)
{
	size_t n;

	if (elf_getphdrnum(elf, &n) || n > ELF_PROGRAM_HEADERS_MAX)
		return -ENOEXEC;
	symbols->segments = calloc(n + 1, sizeof(*symbols->segments));
	if (!symbols->segments)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_LOAD)
			continue;
		symbols->segments[symbols->n_segments++] = (struct segment){
			.offset = header.p_offset,
			.size = header.p_filesz,
			.address = header.p_vaddr,
			.is_executable = header.p_flags & PF_X,
		};
	}
	return 0;
}

/* --- symbols ---------------------------------------------------------------------------------- */

static bool has_debug_info(Elf *elf)
{
	return elf_has_section(elf, ".debug_info") || elf_has_section(elf, ".zdebug_info");
}

/* Read the symbols of the file, if it is of the same build, and close fd. */
static int read_debug_file(int fd, const uint8_t *build_id, struct elf_symbols *symbols)
{
	uint8_t found[ELF_BUILD_ID_SIZE];
	Elf *elf = elf_headers_open(fd);
	int err = 0;

	if (elf && elf_kind(elf) == ELF_K_ELF &&
	    (!build_id ||
	     (elf_build_id(elf, found) && memcmp(found, build_id, ELF_BUILD_ID_SIZE) == 0))) {
		symbols->has_debug_info |= has_debug_info(elf);
		if (symbols->table.n == 0)
			err = elf_functions_read(elf, SHT_SYMTAB, &symbols->table);
	}
	elf_end(elf);
	close(fd);
	return err;
}

/* Without a build id, nothing shows whether the named file is of the same build: trust it. */
static int open_debug_file(Elf *elf, const char *path, const uint8_t *build_id,
                           const char *debug_root)
{
	const int fd = build_id ? debug_file_by_build_id(build_id, debug_root) : -ENOENT;
	const char *link = fd < 0 ? elf_debug_link(elf) : NULL;

	return link ? debug_file_by_link(link, path, debug_root) : fd;
}

/*
 * Read .symtab, here or in the separate file, which has all symbols; a stripped file has only
 * .dynsym.
 */
static int read_functions(Elf *elf, const char *path, const uint8_t *build_id,
                          const char *debug_root, struct elf_symbols *symbols)
{
	int err = elf_functions_read(elf, SHT_SYMTAB, &symbols->table);
	int fd = -1;

	symbols->has_debug_info = has_debug_info(elf);
	if (!err && debug_root && (symbols->table.n == 0 || !symbols->has_debug_info))
		fd = open_debug_file(elf, path, build_id, debug_root);
	if (fd >= 0)
		err = read_debug_file(fd, build_id, symbols);
	symbols->is_complete = symbols->table.n > 0;
	/*
	 * .gnu_debugdata has the symbols that were stripped: a compressed file within the program.
	 */
	symbols->has_debug_info |= !symbols->is_complete && elf_has_section(elf, ".gnu_debugdata");
	if (!err)
		err = elf_functions_read(elf, SHT_DYNSYM, &symbols->table);
	elf_functions_sort(&symbols->table);
	return err;
}

/* --- all of it -------------------------------------------------------------------------------- */

static int read_elf(Elf *elf, const char *path, const uint8_t *wanted, const char *debug_root,
                    size_t room, struct elf_symbols **result)
{
	struct elf_symbols *symbols;
	uint8_t build_id[ELF_BUILD_ID_SIZE];
	bool has_build_id;
	int err;

	*result = NULL;
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		return -ENOEXEC;
	has_build_id = elf_build_id(elf, build_id);
	if (wanted && (!has_build_id || memcmp(build_id, wanted, sizeof(build_id)) != 0))
		return -ESTALE;
	symbols = calloc(1, sizeof(*symbols));
	if (symbols)
		symbols->table.room = room;
	err = symbols ? read_segments(elf, symbols) : -ENOMEM;
	if (!err)
		err = read_functions(elf, path, has_build_id ? build_id : NULL, debug_root,
		                     symbols);
	if (err) {
		elf_symbols_free(symbols);
		return err;
	}
	*result = symbols;
	return 0;
}

int elf_symbols_read(int fd, const char *path, const uint8_t *build_id, const char *debug_root,
                     size_t room, struct elf_symbols **symbols)
{
	Elf *elf = elf_headers_open(fd);
	int err = read_elf(elf, path, build_id, debug_root, room, symbols);

	elf_end(elf);
	return err;
}

int elf_symbols_read_memory(const void *image, size_t size, struct elf_symbols **symbols)
{
	Elf *elf;
	int err;

	*symbols = NULL;
	if (elf_version(EV_CURRENT) == EV_NONE)
		return -ENOEXEC;
	elf = elf_memory((char *)image, size);
	err = read_elf(elf, NULL, NULL, NULL, size, symbols);
	elf_end(elf);
	return err;
}

void elf_symbols_free(struct elf_symbols *symbols)
{
	if (!symbols)
		return;
	elf_functions_fini(&symbols->table);
	free(symbols->segments);
	free(symbols);
}

static const struct segment *segment_at(const struct elf_symbols *symbols, uint64_t offset)
{
	for (size_t i = 0; i < symbols->n_segments; i++) {
		const struct segment *segment = &symbols->segments[i];

		if (segment->is_executable && offset >= segment->offset &&
		    offset - segment->offset < segment->size)
			return segment;
	}
	return NULL;
}

bool elf_symbols_has_code(const struct elf_symbols *symbols, uint64_t offset)
{
	return segment_at(symbols, offset) != NULL;
}

bool elf_symbols_address(const struct elf_symbols *symbols, uint64_t offset, uint64_t *address)
{
	const struct segment *segment = segment_at(symbols, offset);

	if (segment)
		*address = offset - segment->offset + segment->address;
	return segment != NULL;
}

size_t elf_symbols_size(const struct elf_symbols *symbols)
{
	return symbols->table.size;
}

bool elf_symbols_has_any(const struct elf_symbols *symbols)
{
	return symbols->table.n > 0;
}

bool elf_symbols_are_complete(const struct elf_symbols *symbols)
{
	return symbols->is_complete;
}

bool elf_symbols_have_debug_info(const struct elf_symbols *symbols)
{
	return symbols->has_debug_info;
}

const char *elf_symbols_name(const struct elf_symbols *symbols, uint64_t address)
{
	return elf_functions_name(&symbols->table, address);
}
