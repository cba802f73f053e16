/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/heap.h"

#define PIECES 4000
#define PIECE 1000

/* Whether the mapping of that address has "hg" among its flags: madvise(MADV_HUGEPAGE). */
static bool is_in_huge_pages(const void *address)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	unsigned long begin, end;
	bool is_here = false, found = false;
	char line[512];

	assert_non_null(smaps);
	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
			is_here = (uintptr_t)address >= begin && (uintptr_t)address < end;
		else if (is_here && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, " hg") != NULL;
	}
	fclose(smaps);
	return found;
}

/* A sanitizer's malloc() takes no advice, nor does valgrind's. */
static bool is_own_malloc(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return !mallopt(M_TOP_PAD, 128 * 1024) || (preload && strstr(preload, "vgpreload"));
}

static void small_pieces_are_in_huge_pages(void **state)
{
	void *pieces[PIECES];
	size_t huge = 0;

	(void)state;
	if (access("/sys/kernel/mm/transparent_hugepage", F_OK) || is_own_malloc())
		skip();
	heap_expect(PIECES * PIECE);
	for (size_t i = 0; i < PIECES; i++) {
		pieces[i] = malloc(PIECE);
		assert_non_null(pieces[i]);
	}
	for (size_t i = 0; i < PIECES; i += 100)
		huge += is_in_huge_pages(pieces[i]);
	/* All but those before the first boundary of a huge page. */
	assert_in_range(huge, PIECES / 100 / 4, PIECES / 100);
	for (size_t i = 0; i < PIECES; i++)
		free(pieces[i]);
}

static void large_pieces_are_mapped_as_before(void **state)
{
	void *large;
	char *end;

	(void)state;
	if (is_own_malloc())
		skip();
	heap_expect(PIECES * PIECE);
	end = sbrk(0);
	large = malloc(16 * 1024 * 1024);
	assert_non_null(large);
	assert_ptr_equal(end, sbrk(0));
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_pieces_are_in_huge_pages),
		cmocka_unit_test(large_pieces_are_mapped_as_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
