/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of a binary that samples have by its build id alone: this program's own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sources/perf/profile/naming.h"
#include "symbols/elf_headers.h"

struct fixture {
	struct images images;
	struct strings strings;
	char exe[PATH_MAX];
	uint8_t build_id[ELF_BUILD_ID_SIZE];
	uint64_t offset; /* of named_function() in the file */
};

/* What is to be named. */
__attribute__((noinline, used)) static int named_function(int n)
{
	return n * 3;
}

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	uint32_t image, binary;
	Elf *elf;

	if (!f || fd < 0 || readlink("/proc/self/exe", f->exe, sizeof(f->exe) - 1) <= 0)
		return -1;
	elf = elf_headers_open(fd);
	assert_non_null(elf);
	assert_true(elf_build_id(elf, f->build_id));
	elf_end(elf);
	close(fd);
	/* A memory map of this process, for the offset; the test begins without it. */
	images_init(&f->images, "/");
	image = images_add(&f->images, (uint32_t)getpid(), 0, NO_IMAGE);
	images_read_maps(&f->images, image);
	assert_true(images_find(&f->images, image, (uint64_t)(uintptr_t)named_function, &binary,
	                        &f->offset));
	images_fini(&f->images);
	images_init(&f->images, "/");
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	images_fini(&f->images);
	strings_fini(&f->strings);
	free(f);
	return 0;
}

/* What the function in the binary is called; programs: those that were executed. */
static void assert_named(struct fixture *f, uint32_t binary, const uint32_t *programs, size_t n,
                         const char *function, const char *module)
{
	const struct stack_frame frame = {
		.kind = STACK_BINARY, .index = binary, .place = f->offset};
	const struct naming_paths paths = {0};
	struct frame_name name;
	struct naming *naming;

	assert_int_equal(naming_new(&f->images, &f->strings, &(struct programs){programs, n},
	                            &paths, &naming),
	                 0);
	assert_int_equal(naming_find(naming, &frame, &name), 0);
	assert_int_equal(
		strncmp(strings_get(&f->strings, name.functions[0]), function, strlen(function)),
		0);
	assert_int_equal(strncmp(strings_get(&f->strings, name.module), module, strlen(module)), 0);
	naming_free(naming);
}

static void a_binary_is_found_among_the_programs(void **state)
{
	struct fixture *f = *state;
	const uint32_t binary = images_binary(&f->images, f->build_id);
	const uint32_t programs[] = {strings_intern(&f->strings, "/nonexistent"),
	                             strings_intern(&f->strings, "/dev/null"),
	                             strings_intern(&f->strings, "/bin/sh"),
	                             strings_intern(&f->strings, f->exe)};

	assert_named(f, binary, programs, 4, "named_function", "profile_naming_test");
	assert_string_equal(f->images.binaries[binary].path, f->exe);
}

static void a_binary_is_found_among_the_mapped_files(void **state)
{
	struct fixture *f = *state;
	const uint32_t binary = images_binary(&f->images, f->build_id);

	images_read_maps(&f->images, images_add(&f->images, (uint32_t)getpid(), 0, NO_IMAGE));
	assert_null(f->images.binaries[binary].path);
	assert_named(f, binary, NULL, 0, "named_function", "profile_naming_test");
}

static void a_binary_that_is_not_found_has_its_build_id(void **state)
{
	struct fixture *f = *state;
	const uint32_t programs[] = {strings_intern(&f->strings, f->exe)};
	uint32_t binary;

	f->build_id[0] ^= 1;
	binary = images_binary(&f->images, f->build_id);
	assert_named(f, binary, programs, 1, "[build-id ", "build-id ");
	assert_null(f->images.binaries[binary].path);
}

static const char *name_of_kernel(struct fixture *f, struct naming *naming, uint64_t address,
                                  const char **module)
{
	const struct stack_frame frame = {.kind = STACK_KERNEL, .place = address};
	struct frame_name name;

	assert_int_equal(naming_find(naming, &frame, &name), 0);
	*module = strings_get(&f->strings, name.module);
	return strings_get(&f->strings, name.functions[0]);
}

static void the_kernel_is_named_by_its_file_where_it_cannot_be_asked(void **state)
{
	struct fixture *f = *state;
	struct naming_paths paths = {.kernel = KERNEL_NAMES_FILE};
	char path[] = "/tmp/profile-naming-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	struct naming *naming;
	const char *module;

	fputs("ffffffff81000000 T vfs_read\nffffffffc0000000 t nfs_read.cold\t[nfs]\n", file);
	fclose(file);
	paths.kallsyms = path;
	assert_int_equal(naming_new(&f->images, &f->strings, &(struct programs){.n = 0}, &paths,
	                            &naming),
	                 0);
	assert_false(naming_lacks_kernel(naming));
	assert_string_equal(name_of_kernel(f, naming, 0xffffffff81000010, &module), "vfs_read");
	assert_string_equal(module, "[kernel]");
	assert_string_equal(name_of_kernel(f, naming, 0xffffffffc0000010, &module), "nfs_read");
	assert_string_equal(module, "[nfs]");
	assert_string_equal(name_of_kernel(f, naming, 1, &module), "[kernel]");
	naming_free(naming);
	unlink(path);

	assert_int_equal(naming_new(&f->images, &f->strings, &(struct programs){.n = 0}, &paths,
	                            &naming),
	                 0);
	assert_string_equal(name_of_kernel(f, naming, 0xffffffff81000010, &module), "[kernel]");
	assert_true(naming_lacks_kernel(naming));
	naming_free(naming);
}

static void a_library_that_nobody_has_mapped_is_found_in_the_loaders_cache(void **state)
{
	struct fixture *f = *state;
	const uint32_t binary = images_binary(&f->images, f->build_id);
	const struct naming_paths paths = {.library_cache = "/tmp/profile-naming-cache"};
	const struct stack_frame frame = {
		.kind = STACK_BINARY, .index = binary, .place = f->offset};
	/* The header, an entry of 24 bytes, the path. */
	uint32_t words[12 + 6] = {[5] = 1, [12 + 2] = 72};
	FILE *file = fopen(paths.library_cache, "w");
	struct frame_name name;
	struct naming *naming;

	assert_non_null(file);
	memcpy(words, "glibc-ld.so.cache1.1", 20);
	fwrite(words, sizeof(words), 1, file);
	fwrite(f->exe, strlen(f->exe) + 1, 1, file);
	fclose(file);
	assert_int_equal(naming_new(&f->images, &f->strings, &(struct programs){.n = 0}, &paths,
	                            &naming),
	                 0);
	assert_int_equal(naming_find(naming, &frame, &name), 0);
	assert_string_equal(strings_get(&f->strings, name.functions[0]), "named_function");
	naming_free(naming);
	unlink(paths.library_cache);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_binary_is_found_among_the_programs),
		TEST(a_binary_is_found_among_the_mapped_files),
		TEST(a_binary_that_is_not_found_has_its_build_id),
		TEST(the_kernel_is_named_by_its_file_where_it_cannot_be_asked),
		TEST(a_library_that_nobody_has_mapped_is_found_in_the_loaders_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
