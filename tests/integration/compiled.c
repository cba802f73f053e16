/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * compiled TURNS [MEMORY [MAP]]: executes code in memory that is of no file, and names it in MAP or
 * /tmp/perf-PID.map, as compilers at run time do. MEMORY: private (if not given), shared or memfd.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of its own address it knows nothing: it can be anywhere. */
__attribute__((noinline, noclone, section(".moved"), no_stack_protector)) static void
turn(volatile unsigned long *sum, unsigned long turns)
{
	for (unsigned long i = 0; i < turns; i++)
		*sum += i;
}

#define SIZE 4096

static void *map_memory(const char *kind)
{
	int fd = -1, flags = MAP_PRIVATE | MAP_ANONYMOUS;

	if (strcmp(kind, "shared") == 0)
		flags = MAP_SHARED | MAP_ANONYMOUS;
	if (strcmp(kind, "memfd") == 0) {
		flags = MAP_SHARED;
		fd = memfd_create("doublemapper", MFD_CLOEXEC);
		if (fd < 0 || ftruncate(fd, SIZE))
			return MAP_FAILED;
	}
	return mmap(NULL, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, flags, fd, 0);
}

int main(int argc, char **argv)
{
	unsigned char *code = map_memory(argc > 2 ? argv[2] : "private");
	void (*moved)(volatile unsigned long *sum, unsigned long turns);
	volatile unsigned long sum = 0;
	char path[64];
	FILE *map;

	if (argc < 2 || code == MAP_FAILED)
		return 2;
	memcpy(code, (const void *)turn, 256);
	__builtin___clear_cache((char *)code, (char *)code + SIZE);
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", getpid());
	map = fopen(argc > 3 ? argv[3] : path, "w");
	if (!map)
		return 2;
	fprintf(map, "%lx %x compiled::turn\n", (unsigned long)code, SIZE);
	fclose(map);
	memcpy(&moved, &code, sizeof(moved));
	moved(&sum, strtoul(argv[1], NULL, 10));
	return 0;
}
