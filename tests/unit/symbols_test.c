/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of functions, from each kind of file that has some. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbols/kallsyms.h"
#include "symbols_support.h"

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
	assert_int_equal(perf_map_read(path, NOBODY, 0, ROOM, &map), 0);
	assert_string_equal(perf_map_name(map, 0x7f000000101f), "py::main:/srv/app.py");
	assert_null(perf_map_name(map, 0x7f0000001020));
	assert_string_equal(perf_map_name(map, 0x7f0000002000), "Lcom/example/Again;::run");
	assert_null(perf_map_name(map, 1));
	perf_map_free(map);
	unlink(path);
	assert_int_equal(perf_map_read(path, NOBODY, 0, ROOM, &map), -ENOENT);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
