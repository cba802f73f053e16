/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols/demangle.h"
#include "symbols/elf_symbols.h"
#include "symbols/kallsyms.h"
#include "symbols/perf_map.h"

#define ROOM ((size_t)64 * 1024 * 1024)
#define NOBODY ((uid_t)-1)

static void write_file(char path[64], const char *text)
{
	FILE *file;

	strcpy(path, "/tmp/symbols-test-XXXXXX");
	file = fdopen(mkstemp(path), "w");
	fputs(text, file);
	fclose(file);
}

static void names_are_as_the_source_has_them(void **state)
{
	static const char *const names[][2] = {
		{"main", "main"},
		{"memcpy@@GLIBC_2.14", "memcpy"},
		{"rehash.constprop.0", "rehash"},
		{"do_work.part.0.cold", "do_work"},
		{"_ZN3foo3barEiPKc", "foo::bar"},
		{"_ZNSt6vectorIiSaIiEE9push_backERKi",
	         "std::vector<int, std::allocator<int> >::push_back"},
		{"_Z5applyIiEvPFiT_E", "apply<int>"},
		{"_ZN12_GLOBAL__N_16hiddenEv", "(anonymous namespace)::hidden"},
		{"_ZN4ListlsEi", "List::operator<<"},
		{"_ZNK7FunctorclEi", "Functor::operator()"},
		{"_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write"},
		{"_ZN63_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..clone..Clone$GT$5clone"
	         "17h0123456789abcdefE",
	         "<alloc::vec::Vec<T> as core::clone::Clone>::clone"},
		{"_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar"},
		{"_RNvMs_Cs4fqI2P2rA04_7mycrateNtB4_3Set3add", "<mycrate::Set>::add"},
		{"_RINvNtC3std3mem8align_ofjdE", "std::mem::align_of::<usize, f64>"},
		{"_RNCNvC3app4main0", "app::main::{closure#0}"},
		{"_RNvC3app4work.llvm.123456789", "app::work"},
		{"main.(*Server).Serve", "main.(*Server).Serve"},
		{"_Rnope", "_Rnope"},
		{"_Znope", "_Znope"},
		{"", ""},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *name = demangle(names[i][0]);

		assert_string_equal(name, names[i][1]);
		free(name);
	}
}

__attribute__((noinline)) static int function_of_this_test(int x)
{
	return x + 1;
}

/* This very program: where its code is in the file is told by /proc/self/maps. */
static uint64_t offset_in_file(const void *code, char path[4096])
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

static void a_file_names_its_functions(void **state)
{
	static const uint8_t other_id[ELF_BUILD_ID_SIZE] = {1, 2, 3};
	struct elf_symbols *symbols;
	char path[4096];
	const uint64_t offset = offset_in_file((const void *)function_of_this_test, path);
	const int fd = open(path, O_RDONLY);
	uint64_t address;

	assert_int_equal(elf_symbols_read(fd, path, NULL, "/nonexistent", ROOM, &symbols), 0);
	assert_true(elf_symbols_has_any(symbols));
	assert_true(elf_symbols_address(symbols, offset, &address));
	assert_string_equal(elf_symbols_name(symbols, address), "function_of_this_test");
	assert_true(elf_symbols_address(symbols, offset + 1, &address));
	assert_string_equal(elf_symbols_name(symbols, address), "function_of_this_test");
	assert_false(elf_symbols_address(symbols, 1ULL << 40, &address));
	assert_null(elf_symbols_name(symbols, 1));
	elf_symbols_free(symbols);
	assert_int_equal(elf_symbols_read(fd, path, other_id, "/nonexistent", ROOM, &symbols),
	                 -ESTALE);
	assert_null(symbols);
	close(fd);
	assert_int_equal(function_of_this_test(1), 2);
}

static void what_is_no_elf_file_is_refused(void **state)
{
	struct elf_symbols *symbols;
	char path[64];
	int fd;

	write_file(path, "\177ELF, but no more of it");
	fd = open(path, O_RDONLY);
	assert_int_equal(elf_symbols_read(fd, path, NULL, NULL, ROOM, &symbols), -ENOEXEC);
	close(fd);
	unlink(path);
}

static void kallsyms_has_the_kernel_and_its_modules(void **state)
{
	struct kallsyms *symbols;
	const char *module = NULL;
	char path[64];

	write_file(path, "ffffffff81000000 T _stext\n"
	                 "ffffffff81000000 T first_alias\n"
	                 "ffffffff81000500 D data\n"
	                 "ffffffffc0000000 t nfs_read\t[nfs]\n"
	                 "ffffffff81000100 t helper\n"
	                 "nonsense\n");
	assert_int_equal(kallsyms_read(path, &symbols), 0);
	assert_string_equal(kallsyms_name(symbols, 0xffffffff81000010, &module), "_stext");
	assert_null(module);
	assert_string_equal(kallsyms_name(symbols, 0xffffffff81000500, &module), "helper");
	assert_string_equal(kallsyms_name(symbols, 0xffffffffc0000004, &module), "nfs_read");
	assert_string_equal(module, "[nfs]");
	assert_null(kallsyms_name(symbols, 0x1000, &module));
	kallsyms_free(symbols);
	unlink(path);
}

static void hidden_addresses_are_said(void **state)
{
	struct kallsyms *symbols;
	char path[64];

	write_file(path, "0000000000000000 T _stext\n0000000000000000 t helper\n");
	assert_int_equal(kallsyms_read(path, &symbols), -EACCES);
	assert_int_equal(kallsyms_read("/nonexistent", &symbols), -ENOENT);
	unlink(path);
}

static void a_perf_map_names_what_was_compiled(void **state)
{
	struct perf_map *map;
	char path[64];

	write_file(path, "7f0000002000 10 Lcom/example/Late;::run\n"
	                 "7f0000001000 20 py::main:/srv/app.py\n"
	                 "7f0000002000 10 Lcom/example/Again;::run\n"
	                 "broken line\n"
	                 "7f0000003000\n");
	assert_int_equal(perf_map_read(path, NOBODY, ROOM, &map), 0);
	assert_string_equal(perf_map_name(map, 0x7f000000101f), "py::main:/srv/app.py");
	assert_null(perf_map_name(map, 0x7f0000001020));
	assert_string_equal(perf_map_name(map, 0x7f0000002000), "Lcom/example/Again;::run");
	assert_null(perf_map_name(map, 1));
	perf_map_free(map);
	unlink(path);
	assert_int_equal(perf_map_read(path, NOBODY, ROOM, &map), -ENOENT);
}

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
	assert_int_equal(perf_map_read(path, NOBODY, ROOM, &map), 0);
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
	assert_int_equal(perf_map_read(path, NOBODY, 8, &map), -EFBIG);
	snprintf(link, sizeof(link), "%s-link", path);
	assert_int_equal(symlink(path, link), 0);
	assert_true(perf_map_read(link, NOBODY, ROOM, &map) < 0);
	unlink(link);
	assert_int_equal(mkfifo(link, 0600), 0);
	assert_int_equal(perf_map_read(link, NOBODY, ROOM, &map), -EINVAL);
	unlink(link);
	assert_int_equal(truncate(path, (off_t)1 << 40), 0);
	assert_int_equal(perf_map_read(path, NOBODY, ROOM, &map), -EFBIG);
	assert_int_equal(truncate(path, 16), 0);
	if (getuid() != 0) {
		unlink(path);
		skip();
	}
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_int_equal(perf_map_read(path, NOBODY, ROOM, &map), -EPERM);
	assert_int_equal(perf_map_read(path, 65534, ROOM, &map), 0);
	assert_string_equal(perf_map_name(map, 0x1000), "planted");
	perf_map_free(map);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_as_the_source_has_them),
		cmocka_unit_test(a_file_names_its_functions),
		cmocka_unit_test(what_is_no_elf_file_is_refused),
		cmocka_unit_test(kallsyms_has_the_kernel_and_its_modules),
		cmocka_unit_test(hidden_addresses_are_said),
		cmocka_unit_test(a_perf_map_names_what_was_compiled),
		cmocka_unit_test(a_name_that_is_made_to_be_long_is_cut),
		cmocka_unit_test(a_table_is_read_once_however_many_sections_name_it),
		cmocka_unit_test(a_file_takes_no_more_memory_than_there_is_room_for),
		cmocka_unit_test(more_sections_than_a_program_has_are_refused),
		cmocka_unit_test(a_line_of_a_perf_map_that_is_too_long_is_cut),
		cmocka_unit_test(a_perf_map_of_others_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
