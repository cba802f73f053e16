/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is mapped where: by /proc/PID/maps, which a test lays out below a root of its own, and by
 * samples.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sources/perf/profile/images.h"

#define PROGRAM "00401000-00480000 r-xp 00001000 08:01 11 /nonexistent/prog\n"

struct fixture {
	char root[64]; /* with a slash at its end */
	struct images images;
};

static void path_of(const struct fixture *f, uint32_t pid, const char *file, char path[128])
{
	snprintf(path, 128, "%sproc/%u%s", f->root, pid, file);
}

/* A process with this memory map, and its image. */
static uint32_t process(struct fixture *f, uint32_t pid, const char *maps)
{
	char path[128];
	FILE *file;

	path_of(f, pid, "", path);
	mkdir(path, 0700);
	path_of(f, pid, "/maps", path);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(maps, file);
	assert_int_equal(fclose(file), 0);
	return images_add(&f->images, pid, 0, NO_IMAGE);
}

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char path[80];

	if (!f)
		return -1;
	strcpy(f->root, "/tmp/images_test.XXXXXX");
	if (!mkdtemp(f->root))
		return -1;
	strcat(f->root, "/");
	snprintf(path, sizeof(path), "%sproc", f->root);
	if (mkdir(path, 0700))
		return -1;
	images_init(&f->images, f->root);
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;
	char path[128];

	images_fini(&f->images);
	for (uint32_t pid = 1; pid < 4; pid++) {
		path_of(f, pid, "/maps", path);
		unlink(path);
		path_of(f, pid, "", path);
		rmdir(path);
	}
	snprintf(path, sizeof(path), "%sproc", f->root);
	rmdir(path);
	rmdir(f->root);
	free(f);
	return 0;
}

static void assert_found(const struct fixture *f, uint32_t image, uint64_t address,
                         const char *path, uint64_t offset)
{
	uint64_t found_offset;
	uint32_t binary;

	assert_true(images_find(&f->images, image, address, &binary, &found_offset));
	assert_string_equal(f->images.binaries[binary].path, path);
	assert_int_equal(found_offset, offset);
}

static void assert_unknown(const struct fixture *f, uint32_t image, uint64_t address)
{
	uint64_t offset;
	uint32_t binary;

	assert_false(images_find(&f->images, image, address, &binary, &offset));
}

static void code_is_found_where_it_is_mapped(void **state)
{
	struct fixture *f = *state;
	const uint32_t image =
		process(f, 1,
	                "00400000-00401000 r--p 00000000 08:01 11 /nonexistent/prog\n" PROGRAM
	                "7f0000000000-7f0000010000 r-xp 00000000 00:00 0 \n"
	                "7f1000000000-7f1000002000 r-xp 00005000 08:01 12 "
	                "/nonexistent/lib.so (deleted)\n");

	assert_unknown(f, image, 0x401010);
	images_read_maps(&f->images, image);
	assert_unknown(f, image, 0x400fff); /* not executable */
	assert_found(f, image, 0x401000, "/nonexistent/prog", 0x1000);
	assert_found(f, image, 0x47ffff, "/nonexistent/prog", 0x7ffff);
	assert_unknown(f, image, 0x480000);
	assert_found(f, image, 0x7f1000001234, "/nonexistent/lib.so", 0x6234);
	assert_unknown(f, image, 0x7f1000002000);
	assert_unknown(f, image, 0x7f0000000000);
	assert_true(images_has_own_code(&f->images, image, 0x7f0000000000));
	assert_false(images_has_own_code(&f->images, image, 0x7f0000010000));
	assert_false(images_has_own_code(&f->images, image, 0x401000));
}

/* Another file may have its path by now, or its number on another file system. */
static void a_file_is_one_binary_in_all_processes(void **state)
{
	struct fixture *f = *state;
	const uint32_t first = process(f, 1, PROGRAM), second = process(f, 2, PROGRAM);
	const uint32_t other =
		process(f, 3,
	                "00401000-00402000 r-xp 00000000 08:01 13 /nonexistent/prog\n"
	                "00402000-00403000 r-xp 00000000 08:02 11 /nonexistent/prog\n"
	                "00403000-00404000 r-xp 00000000 08:01 11 /nonexistent/link\n");

	images_read_maps(&f->images, first);
	images_read_maps(&f->images, second);
	assert_int_equal(f->images.n_binaries, 1);
	assert_found(f, second, 0x401000, "/nonexistent/prog", 0x1000);
	images_read_maps(&f->images, other);
	assert_int_equal(f->images.n_binaries, 4);
	assert_found(f, other, 0x403000, "/nonexistent/link", 0);
}

static void a_build_id_is_one_binary(void **state)
{
	const uint8_t a[BUILD_ID_SIZE] = {1}, b[BUILD_ID_SIZE] = {1, [BUILD_ID_SIZE - 1] = 1};
	struct fixture *f = *state;
	const uint32_t first = images_binary(&f->images, a), second = images_binary(&f->images, b);

	assert_int_not_equal(first, second);
	assert_int_equal(images_binary(&f->images, a), first);
	assert_int_equal(images_binary(&f->images, b), second);
	assert_memory_equal(f->images.binaries[second].build_id, b, BUILD_ID_SIZE);
}

static void a_build_id_gets_the_path_that_is_mapped_there(void **state)
{
	const uint8_t id[BUILD_ID_SIZE] = {1};
	struct fixture *f = *state;
	const uint32_t first = process(f, 1, PROGRAM), second = process(f, 2, PROGRAM);
	const uint32_t binary = images_binary(&f->images, id);

	images_learn(&f->images, first, 0x401010, binary, 0x1010);
	assert_null(f->images.binaries[binary].path);
	images_read_maps(&f->images, first);
	images_read_maps(&f->images, second);
	assert_int_equal(f->images.n_binaries, 1);
	assert_found(f, first, 0x401020, "/nonexistent/prog", 0x1020);
	assert_found(f, second, 0x401020, "/nonexistent/prog", 0x1020);
}

/* At the first call, the second, the fourth, and so on. */
static void maps_are_read_ever_more_seldom(void **state)
{
	struct fixture *f = *state;
	const uint32_t image = process(f, 1, "");

	images_read_maps(&f->images, image);
	images_read_maps(&f->images, image);
	process(f, 1, PROGRAM);
	images_read_maps(&f->images, image);
	assert_unknown(f, image, 0x401000);
	images_read_maps(&f->images, image);
	assert_found(f, image, 0x401000, "/nonexistent/prog", 0x1000);
}

/* A copy has a memory map of its own as soon as it can be read. */
static void a_copy_has_what_its_creator_had(void **state)
{
	struct fixture *f = *state;
	const uint32_t first = process(f, 1, PROGRAM);
	const uint32_t copy = images_add(&f->images, 2, 0, first);

	assert_unknown(f, copy, 0x401000);
	images_read_maps(&f->images, first);
	assert_found(f, copy, 0x401000, "/nonexistent/prog", 0x1000);
	assert_false(images_is_file(&f->images, copy, 0x401000));
	process(f, 2, "00401000-00402000 r-xp 00000000 08:01 12 /nonexistent/lib.so\n");
	images_read_maps(&f->images, copy);
	assert_found(f, copy, 0x401000, "/nonexistent/lib.so", 0);
	assert_true(images_is_file(&f->images, copy, 0x401000));
	assert_unknown(f, copy, 0x403000);
	assert_found(f, first, 0x401000, "/nonexistent/prog", 0x1000);
}

/* Nobody has asked for the creator's map while the copy lived. */
static void the_map_of_an_ended_copy_is_its_creators(void **state)
{
	struct fixture *f = *state;
	const uint32_t first = process(f, 1, PROGRAM);
	const uint32_t copy = images_add(&f->images, 2, 0, first);
	const uint32_t late = images_add(&f->images, 3, 0, copy);

	images_read_maps(&f->images, copy);
	assert_found(f, copy, 0x401000, "/nonexistent/prog", 0x1000);
	images_end(&f->images, first); /* its map is another program's from now on */
	images_read_maps(&f->images, late);
	assert_false(images_is_file(&f->images, late, 0x401000));
	assert_found(f, late, 0x401000, "/nonexistent/prog", 0x1000);
}

static void a_long_line_of_copies_is_cut(void **state)
{
	struct fixture *f = *state;
	uint32_t image = process(f, 1, PROGRAM);
	size_t found = 0;

	images_read_maps(&f->images, image);
	for (int i = 0; i < 1000; i++) {
		uint64_t offset;
		uint32_t binary;

		image = images_add(&f->images, 0, 0, image);
		found += images_find(&f->images, image, 0x401000, &binary, &offset);
	}
	assert_in_range(found, 8, 100);
}

/* Crafted frame pointers may show any number of addresses, and each may be mapped elsewhere. */
static void what_samples_show_is_limited(void **state)
{
	const uint8_t id[BUILD_ID_SIZE] = {1};
	struct fixture *f = *state;
	const uint32_t image = process(f, 1, "");
	const uint32_t binary = images_binary(&f->images, id);

	for (uint64_t i = 0; i < 10000; i++)
		images_learn(&f->images, image, 0x10000000 + 0x10000 * i, binary, 0x10);
	assert_in_range(f->images.images[image].n_seen, 1000, 5000);
}

/* .NET compiles to a memfd, others to shared memory; some name what they have. */
static void named_memory_may_be_compiled(void **state)
{
	struct fixture *f = *state;
	const uint32_t image =
		process(f, 1,
	                "10000000-10001000 r-xs 00000000 00:01 21 /memfd:doublemapper (deleted)\n"
	                "20000000-20001000 rwxs 00000000 00:01 22 /dev/zero (deleted)\n"
	                "30000000-30001000 r-xp 00000000 00:00 0 [anon:v8]\n"
	                "40000000-40001000 r-xp 00000000 08:01 11 /nonexistent/prog\n"
	                "50000000-50001000 r-xp 00000000 00:00 0 \n");

	images_read_maps(&f->images, image);
	assert_true(images_may_be_compiled(&f->images, image, 0x10000000));
	assert_true(images_may_be_compiled(&f->images, image, 0x20000000));
	assert_true(images_may_be_compiled(&f->images, image, 0x30000000));
	assert_false(images_may_be_compiled(&f->images, image, 0x40000000));
	assert_false(images_may_be_compiled(&f->images, image, 0x50000000));
	/* A program may have been executed from there. */
	assert_found(f, image, 0x10000010, "/memfd:doublemapper", 0x10);
}

static void write_bytes(const char *path, const char *bytes)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(bytes, file);
	assert_int_equal(fclose(file), 0);
}

/* As compilers do: in the same file, or in a new one that may have the number of the old one. */
static void a_file_that_is_written_again_is_another_binary(void **state)
{
	struct fixture *f = *state;
	char path[80], maps[256];
	uint32_t first, second;
	struct stat status;
	int fd;

	snprintf(path, sizeof(path), "%sprog", f->root);
	write_bytes(path, "one");
	assert_int_equal(stat(path, &status), 0);
	snprintf(maps, sizeof(maps), "00401000-00480000 r-xp 00001000 %x:%x %lu %s\n",
	         major(status.st_dev), minor(status.st_dev), (unsigned long)status.st_ino, path);
	first = process(f, 1, maps);
	images_read_maps(&f->images, first);
	write_bytes(path, "three");
	second = process(f, 2, maps);
	images_read_maps(&f->images, second);
	assert_int_equal(f->images.n_binaries, 2);
	assert_int_equal(file_version_open(&f->images.binaries[0].version, path), -ESTALE);
	fd = file_version_open(&f->images.binaries[1].version, path);
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	assert_int_equal(file_version_open(&f->images.binaries[1].version, path), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(code_is_found_where_it_is_mapped),
		TEST(a_file_is_one_binary_in_all_processes),
		TEST(a_build_id_is_one_binary),
		TEST(a_build_id_gets_the_path_that_is_mapped_there),
		TEST(maps_are_read_ever_more_seldom),
		TEST(a_copy_has_what_its_creator_had),
		TEST(the_map_of_an_ended_copy_is_its_creators),
		TEST(a_long_line_of_copies_is_cut),
		TEST(what_samples_show_is_limited),
		TEST(named_memory_may_be_compiled),
		TEST(a_file_that_is_written_again_is_another_binary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
