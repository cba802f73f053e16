/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "symbols/elf_headers.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Notes of one segment. The kernel searches a single page for the build id. */
#define NOTES_MAX ((size_t)64 * 1024)

/* An executable has some hundred bytes of section names. */
#define SECTION_NAMES_MAX ((size_t)1024 * 1024)

/*
 * libelf allocates a structure for each section, and a sparse file may claim millions. Only object
 * files have more than fit into e_shnum.
 */
static bool has_usual_sections(int fd)
{
	union {
		unsigned char ident[EI_NIDENT];
		Elf32_Ehdr class_32;
		Elf64_Ehdr class_64;
	} header;
	const ssize_t n = pread(fd, &header, sizeof(header), 0);

	if (n < (ssize_t)sizeof(header.class_32))
		return false;
	if (header.ident[EI_CLASS] == ELFCLASS32)
		return header.class_32.e_shnum > 0 || header.class_32.e_shoff == 0;
	return n == (ssize_t)sizeof(header) &&
	       (header.class_64.e_shnum > 0 || header.class_64.e_shoff == 0);
}

Elf *elf_headers_open(int fd)
{
	if (elf_version(EV_CURRENT) == EV_NONE || !has_usual_sections(fd))
		return NULL;
	/* Not ELF_C_READ_MMAP, which would raise SIGBUS if the file were truncated meanwhile. */
	return elf_begin(fd, ELF_C_READ, NULL);
}

/* Whether the notes have a build id; it is copied to found. */
static bool find_build_id(Elf_Data *data, uint8_t found[ELF_BUILD_ID_SIZE])
{
	size_t offset = 0, name_offset, id_offset;
	GElf_Nhdr note;

	while (data && (offset = gelf_getnote(data, offset, &note, &name_offset, &id_offset)) > 0) {
		const char *bytes = data->d_buf;
		const size_t n =
			note.n_descsz < ELF_BUILD_ID_SIZE ? note.n_descsz : ELF_BUILD_ID_SIZE;

		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof(ELF_NOTE_GNU) ||
		    memcmp(bytes + name_offset, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) != 0)
			continue;
		memset(found, 0, ELF_BUILD_ID_SIZE);
		memcpy(found, bytes + id_offset, n);
		return true;
	}
	return false;
}

bool elf_build_id(Elf *elf, uint8_t build_id[ELF_BUILD_ID_SIZE])
{
	size_t n;

	if (elf_getphdrnum(elf, &n) || n > ELF_PROGRAM_HEADERS_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_NOTE ||
		    header.p_filesz > NOTES_MAX)
			continue;
		if (find_build_id(elf_getdata_rawchunk(elf, (int64_t)header.p_offset,
		                                       header.p_filesz, ELF_T_NHDR),
		                  build_id))
			return true;
	}
	return false;
}

static bool has_at_most(Elf *elf, size_t section, size_t size)
{
	Elf_Scn *scn = elf_getscn(elf, section);
	GElf_Shdr header;

	return scn && gelf_getshdr(scn, &header) && header.sh_size <= size;
}

static Elf_Scn *find_section(Elf *elf, const char *wanted, GElf_Shdr *header)
{
	Elf_Scn *scn = NULL;
	size_t strings;

	if (elf_getshdrstrndx(elf, &strings) || !has_at_most(elf, strings, SECTION_NAMES_MAX))
		return NULL;
	while ((scn = elf_nextscn(elf, scn))) {
		const char *name = gelf_getshdr(scn, header)
		                           ? elf_strptr(elf, strings, header->sh_name)
		                           : NULL;

		if (name && strcmp(name, wanted) == 0)
			return scn;
	}
	return NULL;
}

bool elf_has_section(Elf *elf, const char *name)
{
	GElf_Shdr header;

	return find_section(elf, name, &header) && header.sh_type != SHT_NOBITS;
}

const char *elf_debug_link(Elf *elf)
{
	GElf_Shdr header;
	Elf_Scn *scn = find_section(elf, ".gnu_debuglink", &header);
	Elf_Data *data = scn && header.sh_size <= PATH_MAX ? elf_getdata(scn, NULL) : NULL;

	return data && data->d_size && memchr(data->d_buf, '\0', data->d_size) ? data->d_buf
	                                                                       : NULL;
}
