/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/candidates.h"

#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/hash_table.h"
#include "linux/regular_file.h"
#include "symbols/elf_headers.h"
#include "symbols/library_cache.h"

struct candidate {
	UT_hash_handle hh;
	uint8_t build_id[ELF_BUILD_ID_SIZE];
	char path[];
};

static const struct candidate *find(const struct candidates *candidates, const uint8_t *build_id)
{
	const struct candidate *candidate;

	HASH_FIND(hh, candidates->by_build_id, build_id, ELF_BUILD_ID_SIZE, candidate);
	return candidate;
}

static bool read_build_id(const char *path, uint8_t build_id[ELF_BUILD_ID_SIZE])
{
	const int fd = regular_file_open(path, 0, NULL);
	bool has_one;
	Elf *elf;

	if (fd < 0)
		return false;
	elf = elf_headers_open(fd);
	has_one = elf && elf_build_id(elf, build_id);
	elf_end(elf);
	close(fd);
	return has_one;
}

/*
 * The first of several files with the same build id is used. When memory runs out, a file is left
 * out.
 */
static void add(struct candidates *candidates, const char *path)
{
	uint8_t build_id[ELF_BUILD_ID_SIZE];
	struct candidate *candidate;

	if (!path || *path == '[' || !read_build_id(path, build_id) || find(candidates, build_id))
		return;
	candidate = calloc(1, sizeof(*candidate) + strlen(path) + 1);
	if (!candidate)
		return;
	memcpy(candidate->build_id, build_id, sizeof(build_id));
	strcpy(candidate->path, path);
	HASH_ADD(hh, candidates->by_build_id, build_id, sizeof(candidate->build_id), candidate);
	if (!candidate->hh.tbl)
		free(candidate);
}

static void add_library(void *data, const char *path)
{
	add(data, path);
}

/* Add what this agent has loaded: nearly every program has the C library and its loader, too. */
static int add_own_library(struct dl_phdr_info *info, size_t size, void *data)
{
	add(data, info->dlpi_name);
	return 0;
}

static void add_programs(struct candidates *candidates, const struct images *images,
                         const struct strings *strings, const struct programs *programs)
{
	for (size_t i = 0; i < programs->n; i++)
		add(candidates, strings_get(strings, programs->numbers[i]));
	for (size_t i = 0; i < images->n_binaries; i++)
		add(candidates, images->binaries[i].path);
	dl_iterate_phdr(add_own_library, candidates);
}

const char *candidates_find(struct candidates *candidates, const struct images *images,
                            const struct strings *strings, const struct programs *programs,
                            const char *cache, const uint8_t build_id[BUILD_ID_SIZE])
{
	const struct candidate *found;

	if (!candidates->has_programs)
		add_programs(candidates, images, strings, programs);
	candidates->has_programs = true;
	found = find(candidates, build_id);
	if (!found && !candidates->has_libraries && cache) {
		library_cache_read(cache, add_library, candidates);
		candidates->has_libraries = true;
		found = find(candidates, build_id);
	}
	return found ? found->path : NULL;
}

void candidates_fini(struct candidates *candidates)
{
	struct candidate *candidate, *next;

	HASH_ITER(hh, candidates->by_build_id, candidate, next)
	{
		HASH_DEL(candidates->by_build_id, candidate);
		free(candidate);
	}
}
