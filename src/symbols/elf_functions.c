/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "symbols/elf_functions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/sorted.h"

/*
 * The measured user has made the file. The largest programs have two million symbols, with a few
 * hundred megabytes of names.
 */
#define SYMBOLS_MAX ((size_t)16 * 1024 * 1024)

/* Compare at most this many bytes of two names for one function. */
#define COMPARED_MAX 256

/* Prefer the name that people use: global over local, memcpy over __memcpy. */
static uint8_t rank_of(const GElf_Sym *symbol, const char *name)
{
	static const uint8_t of_binding[] = {[STB_LOCAL] = 40, [STB_GLOBAL] = 0, [STB_WEAK] = 20};
	const unsigned int binding = GELF_ST_BIND(symbol->st_info);
	const size_t underscores = strspn(name, "_");
	uint8_t rank = binding < sizeof(of_binding) ? of_binding[binding] : 0;

	if (GELF_ST_TYPE(symbol->st_info) == STT_NOTYPE)
		rank += 60;
	return (uint8_t)(rank + (underscores < 10 ? underscores : 10));
}

/* Skip the marks of assemblers and compilers, which are no functions: "$x", ".L12". */
static bool is_function(const GElf_Sym *symbol, const char *name)
{
	const unsigned int type = GELF_ST_TYPE(symbol->st_info);

	return symbol->st_value && symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
	       name[0] && name[0] != '$' && name[0] != '.' &&
	       (type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE);
}

static bool is_code(Elf *elf, size_t section)
{
	Elf_Scn *scn = section < SHN_LORESERVE ? elf_getscn(elf, section) : NULL;
	GElf_Shdr header;

	return scn && gelf_getshdr(scn, &header) && header.sh_flags & SHF_EXECINSTR;
}

static bool take_room(struct elf_functions *table, size_t size)
{
	if (size > table->room - table->size)
		return false;
	table->size += size;
	return true;
}

static int add_function(struct elf_functions *table, const GElf_Sym *symbol, const char *name)
{
	if (table->n == table->capacity) {
		const size_t room = table->capacity ? 2 * table->capacity : 1024;
		struct elf_function *grown;

		if (!take_room(table, (room - table->capacity) * sizeof(*grown)))
			return -EFBIG;
		grown = reallocarray(table->functions, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		table->functions = grown;
		table->capacity = room;
	}
	table->functions[table->n++] = (struct elf_function){
		.address = symbol->st_value,
		.end = symbol->st_size ? symbol->st_value + symbol->st_size : 0,
		.name = name,
		.rank = rank_of(symbol, name),
	};
	return 0;
}

/* Copy the string table, because names outlive the ELF handle. Returns NULL on failure. */
static const char *copy_strings(Elf *elf, size_t section, struct elf_functions *table, size_t *size)
{
	Elf_Scn *scn = elf_getscn(elf, section);
	GElf_Shdr header;
	Elf_Data *data;
	char **grown, *copy;

	if (!scn || !gelf_getshdr(scn, &header) || header.sh_size == SIZE_MAX ||
	    !take_room(table, header.sh_size + 1))
		return NULL;
	data = elf_getdata(scn, NULL);
	if (!data || !data->d_size || data->d_size > header.sh_size)
		return NULL;
	grown = reallocarray(table->strings, table->n_strings + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	table->strings = grown;
	copy = malloc(data->d_size + 1);
	if (!copy)
		return NULL;
	memcpy(copy, data->d_buf, data->d_size);
	copy[data->d_size] = '\0';
	grown[table->n_strings++] = copy;
	*size = data->d_size;
	return copy;
}

static int read_table(Elf *elf, Elf_Scn *scn, const GElf_Shdr *header, struct elf_functions *table)
{
	const size_t n = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	Elf_Data *data = n <= SYMBOLS_MAX && header->sh_size <= table->room - table->size
	                         ? elf_getdata(scn, NULL)
	                         : NULL;
	size_t strings_size = 0;
	const char *strings =
		data ? copy_strings(elf, header->sh_link, table, &strings_size) : NULL;
	int err = 0;

	for (size_t i = 0; strings && i < n && !err; i++) {
		GElf_Sym symbol;

		if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_name >= strings_size ||
		    !is_function(&symbol, strings + symbol.st_name))
			continue;
		if (GELF_ST_TYPE(symbol.st_info) == STT_NOTYPE && !is_code(elf, symbol.st_shndx))
			continue;
		err = add_function(table, &symbol, strings + symbol.st_name);
	}
	return err;
}

/* A file has at most one table of each type. */
int elf_functions_read(Elf *elf, GElf_Word type, struct elf_functions *table)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	while ((scn = elf_nextscn(elf, scn))) {
		if (gelf_getshdr(scn, &header) && header.sh_type == type)
			return read_table(elf, scn, &header, table);
	}
	return 0;
}

static int compare_functions(const void *a, const void *b)
{
	const struct elf_function *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank - y->rank;
	/* An attacker may have made all names long and similar. */
	return strncmp(x->name, y->name, COMPARED_MAX);
}

void elf_functions_sort(struct elf_functions *table)
{
	size_t n = 0;

	if (table->n == 0)
		return;
	qsort(table->functions, table->n, sizeof(*table->functions),
	      compare_functions);
	for (size_t i = 0; i < table->n; i++) {
		const struct elf_function *function = &table->functions[i];

		if (n > 0 && table->functions[n - 1].address == function->address) {
			if (table->functions[n - 1].end < function->end)
				table->functions[n - 1].end = function->end;
			continue;
		}
		table->functions[n++] = *function;
	}
	table->n = n;
}

const char *elf_functions_name(const struct elf_functions *table, uint64_t address)
{
	const size_t n =
		sorted_upto(table->functions, table->n, sizeof(*table->functions), address);
	const struct elf_function *last = n > 0 ? &table->functions[n - 1] : NULL;

	/* A symbol without a size, as in assembly, extends to the next one. */
	return last && (!last->end || address < last->end) ? last->name : NULL;
}

void elf_functions_fini(struct elf_functions *table)
{
	for (size_t i = 0; i < table->n_strings; i++)
		free(table->strings[i]);
	free(table->strings);
	free(table->functions);
	*table = (struct elf_functions){.n = 0};
}
