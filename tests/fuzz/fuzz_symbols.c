/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of functions: ELF files, kallsyms and perf maps as anybody may have made them, and mangled
 * names. The first byte chooses.
 */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "symbols/demangle.h"
#include "symbols/elf_symbols.h"
#include "symbols/kallsyms.h"
#include "symbols/perf_map.h"

static int make_file(const uint8_t *data, size_t size, char path[64])
{
	const int fd = memfd_create("fuzz", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

/* Far below the limit of libFuzzer: whoever took more than the room would be noticed. */
#define ROOM (64u << 20)

static void ask_elf(const struct elf_symbols *symbols)
{
	for (uint64_t offset = 0; offset < 1 << 14; offset += 61) {
		uint64_t address;

		if (elf_symbols_address(symbols, offset, &address)) {
			const char *name = elf_symbols_name(symbols, address);

			REQUIRE(elf_symbols_has_code(symbols, offset));
			REQUIRE(!name || *name);
		}
	}
	elf_symbols_name(symbols, 0);
	elf_symbols_name(symbols, UINT64_MAX);
}

static void read_elf(int fd)
{
	static const uint8_t id[ELF_BUILD_ID_SIZE] = {1};
	struct elf_symbols *symbols;

	if (elf_symbols_read(fd, NULL, NULL, NULL, ROOM, &symbols) == 0)
		ask_elf(symbols);
	elf_symbols_free(symbols);
	elf_symbols_read(fd, NULL, id, NULL, ROOM, &symbols);
	elf_symbols_free(symbols);
}

static void read_kallsyms(const char *path)
{
	struct kallsyms *symbols;
	const char *module;

	if (kallsyms_read(path, &symbols) == 0) {
		REQUIRE(!kallsyms_name(symbols, 0, &module));
		REQUIRE(kallsyms_name(symbols, UINT64_MAX, &module));
	}
	kallsyms_free(symbols);
}

/* A link, as descriptors in /proc are, is refused: this takes a file with a name. */
static void read_perf_map(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/fuzz-symbols-XXXXXX";
	const int fd = mkstemp(path);
	struct perf_map *map;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (perf_map_read(path, getuid(), 0, ROOM, &map) == 0)
		REQUIRE(!perf_map_name(map, UINT64_MAX) || perf_map_name(map, UINT64_MAX)[0]);
	perf_map_free(map);
	unlink(path);
	close(fd);
}

static void demangle_all(const uint8_t *data, size_t size)
{
	char *symbol = strndup((const char *)data, size), *name = symbol ? demangle(symbol) : NULL;

	REQUIRE(name);
	free(name);
	free(symbol);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];
	int fd;

	if (size == 0)
		return 0;
	fd = make_file(data + 1, size - 1, path);
	switch (data[0] % 4) {
	case 0:
		read_elf(fd);
		break;
	case 1:
		read_kallsyms(path);
		break;
	case 2:
		read_perf_map(data + 1, size - 1);
		break;
	default:
		demangle_all(data + 1, size - 1);
	}
	close(fd);
	return 0;
}
