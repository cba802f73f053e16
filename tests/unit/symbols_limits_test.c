/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files that would take much memory, and files that another user has planted. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols_support.h"

static void assert_is_cut(const char *symbol)
{
	char *name = demangle(symbol);

	assert_in_range(strlen(name), 4096, 1 << 20);
	free(name);
}

/* Each type is twice as long as the one before: half a gigabyte of 262 characters. */
static void a_name_that_is_made_to_be_long_is_cut(void **state)
{
	char cpp[1024] = "_Z1fI1AIiiE", rust[1024] = "_RNvNtC1a";
	size_t n = strlen(cpp);

	for (int i = 0; i < 24; i++) {
		static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
		const int number = 2 * i + 1;
		char text[4] = "";

		if (number >= 36)
			snprintf(text, sizeof(text), "%c%c", digits[number / 36],
			         digits[number % 36]);
		else
			text[0] = digits[number];
		n += (size_t)snprintf(cpp + n, sizeof(cpp) - n, "1%cIS%s_S%s_E", 'B' + i, text,
		                      text);
	}
	strcat(cpp, "EvT_");
	assert_is_cut(cpp);
	/* A tuple of two references to the tuple before it. */
	strcpy(rust, "_RINvC1a1fTllE");
	for (int i = 0, last = 10; i < 24; i++) {
		static const char base62[] =
			"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
		const int place = last - 2 - 1; /* behind "_R"; base 62 begins at "_" for 0 */
		char reference[8];

		last = (int)strlen(rust);
		if (place < 62)
			snprintf(reference, sizeof(reference), "B%c_", base62[place]);
		else
			snprintf(reference, sizeof(reference), "B%c%c_", base62[place / 62],
			         base62[place % 62]);
		sprintf(rust + last, "T%s%sE", reference, reference);
	}
	strcat(rust, "E");
	assert_is_cut(rust);
}

static void write_at(int fd, off_t offset, const void *bytes, size_t n)
{
	assert_int_equal(pwrite(fd, bytes, n, offset), n);
}

#define N_SYMBOLS 1000

/*
 * An ELF file with one table of 1000 functions, and this many sections that all say that they are
 * the table.
 */
static int make_elf(char path[64], uint16_t tables, uint64_t strings_size)
{
	const Elf64_Sym symbol = {.st_name = 1,
	                          .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
	                          .st_shndx = 1,
	                          .st_size = 16};
	const uint64_t symbols_at = sizeof(Elf64_Ehdr), symbols_size = N_SYMBOLS * sizeof(symbol);
	const uint64_t strings_at = symbols_at + symbols_size;
	const uint64_t sections_at = (strings_at + strings_size + 7) / 8 * 8;
	const Elf64_Shdr strings = {
		.sh_type = SHT_STRTAB, .sh_offset = strings_at, .sh_size = strings_size};
	const Elf64_Shdr table = {.sh_type = SHT_SYMTAB,
	                          .sh_offset = symbols_at,
	                          .sh_size = symbols_size,
	                          .sh_link = 1,
	                          .sh_entsize = sizeof(symbol)};
	Elf64_Ehdr header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
	                                 ELFDATA2LSB, EV_CURRENT},
	                     .e_type = ET_EXEC,
	                     .e_machine = EM_X86_64,
	                     .e_version = EV_CURRENT,
	                     .e_shoff = sections_at,
	                     .e_ehsize = sizeof(header),
	                     .e_shentsize = sizeof(table),
	                     .e_shnum = (uint16_t)(tables + 2)};
	int fd;

	strcpy(path, "/tmp/symbols-test-XXXXXX");
	fd = mkstemp(path);
	assert_int_equal(
		ftruncate(fd, (off_t)(sections_at + (uint64_t)header.e_shnum * sizeof(table))), 0);
	write_at(fd, 0, &header, sizeof(header));
	for (uint64_t i = 0; i < N_SYMBOLS; i++) {
		Elf64_Sym other = symbol;

		other.st_value = 0x1000 + 16 * i;
		write_at(fd, (off_t)(symbols_at + i * sizeof(other)), &other, sizeof(other));
	}
	write_at(fd, (off_t)strings_at + 1, "planted", 7);
	write_at(fd, (off_t)(sections_at + sizeof(table)), &strings, sizeof(strings));
	for (uint64_t i = 0; i < tables; i++)
		write_at(fd, (off_t)(sections_at + (2 + i) * sizeof(table)), &table, sizeof(table));
	return fd;
}

static void a_table_is_read_once_however_many_sections_name_it(void **state)
{
	struct elf_symbols *symbols;
	char path[64];
	int fd = make_elf(path, 20000, 16);

	assert_int_equal(elf_symbols_read(fd, path, NULL, NULL, ROOM, &symbols), 0);
	assert_string_equal(elf_symbols_name(symbols, 0x1008), "planted");
	assert_in_range(elf_symbols_size(symbols), N_SYMBOLS, 1024 * 1024);
	elf_symbols_free(symbols);
	close(fd);
	unlink(path);
}

static void a_file_takes_no_more_memory_than_there_is_room_for(void **state)
{
	struct elf_symbols *symbols;
	char path[64];
	int fd = make_elf(path, 1, (uint64_t)8 << 30);

	assert_int_equal(elf_symbols_read(fd, path, NULL, NULL, ROOM, &symbols), 0);
	assert_false(elf_symbols_has_any(symbols));
	elf_symbols_free(symbols);
	close(fd);
	unlink(path);
	fd = make_elf(path, 1, 16);
	assert_int_equal(elf_symbols_read(fd, path, NULL, NULL, 30000, &symbols), -EFBIG);
	assert_null(symbols);
	close(fd);
	unlink(path);
}

/* libelf would have a structure for each: their number is in the first section. */
static void more_sections_than_a_program_has_are_refused(void **state)
{
	static const uint16_t none = 0;
	struct elf_symbols *symbols;
	char path[64];
	int fd = make_elf(path, 1, 16);

	write_at(fd, offsetof(Elf64_Ehdr, e_shnum), &none, sizeof(none));
	assert_int_equal(elf_symbols_read(fd, path, NULL, NULL, ROOM, &symbols), -ENOEXEC);
	close(fd);
	unlink(path);
}

static void a_line_of_a_perf_map_that_is_too_long_is_cut(void **state)
{
	const size_t length = 1 << 20;
	char *text = malloc(length), path[64];
	struct perf_map *map;
	const char *name;

	assert_non_null(text);
	memset(text, 'x', length);
	memcpy(text, "1000 10 ", 8);
	strcpy(text + length - sizeof("\n2000 10 next"), "\n2000 10 next");
	write_file(path, text);
	free(text);
	assert_int_equal(perf_map_read(path, NOBODY, 0, ROOM, &map), 0);
	name = perf_map_name(map, 0x1000);
	assert_int_equal(strspn(name, "x"), strlen(name));
	assert_in_range(strlen(name), 1024, 4096);
	assert_string_equal(perf_map_name(map, 0x2000), "next");
	perf_map_free(map);
	unlink(path);
}

static void a_perf_map_of_others_is_not_believed(void **state)
{
	struct perf_map *map;
	char path[64], link[80];

	write_file(path, "1000 10 planted\n");
	assert_int_equal(perf_map_read(path, NOBODY, 0, 8, &map), -EFBIG);
	snprintf(link, sizeof(link), "%s-link", path);
	assert_int_equal(symlink(path, link), 0);
	assert_true(perf_map_read(link, NOBODY, 0, ROOM, &map) < 0);
	unlink(link);
	assert_int_equal(mkfifo(link, 0600), 0);
	assert_int_equal(perf_map_read(link, NOBODY, 0, ROOM, &map), -EINVAL);
	unlink(link);
	assert_int_equal(truncate(path, (off_t)1 << 40), 0);
	assert_int_equal(perf_map_read(path, NOBODY, 0, ROOM, &map), -EFBIG);
	assert_int_equal(truncate(path, 16), 0);
	/* Of a process that had the same pid earlier. */
	assert_int_equal(perf_map_read(path, NOBODY, time(NULL) + 2, ROOM, &map), -ESTALE);
	if (getuid() != 0) {
		unlink(path);
		skip();
	}
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_int_equal(perf_map_read(path, NOBODY, 0, ROOM, &map), -EPERM);
	assert_int_equal(perf_map_read(path, 65534, 0, ROOM, &map), 0);
	assert_string_equal(perf_map_name(map, 0x1000), "planted");
	perf_map_free(map);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_is_made_to_be_long_is_cut),
		cmocka_unit_test(a_table_is_read_once_however_many_sections_name_it),
		cmocka_unit_test(a_file_takes_no_more_memory_than_there_is_room_for),
		cmocka_unit_test(more_sections_than_a_program_has_are_refused),
		cmocka_unit_test(a_line_of_a_perf_map_that_is_too_long_is_cut),
		cmocka_unit_test(a_perf_map_of_others_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
