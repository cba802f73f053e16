/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/machine.h"

#include <string.h>
#include <sys/sysinfo.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

/* The first of the three leaves of the processor's name: Intel SDM volume 2, CPUID, table 3-8. */
#define NAME_LEAF 0x80000002u

static void read_name(char name[static MACHINE_CPU_SIZE])
{
	unsigned int words[12];

	for (unsigned int leaf = 0; leaf < 3; leaf++) {
		unsigned int *at = &words[4 * leaf];

		if (!__get_cpuid(NAME_LEAF + leaf, &at[0], &at[1], &at[2], &at[3]))
			return;
	}
	memcpy(name, words, sizeof(words));
}
#else
/* /proc/cpuinfo has no names here, and reading it can stop every CPU for milliseconds. */
static void read_name(char name[static MACHINE_CPU_SIZE])
{
}
#endif

void machine_cpu_name(char name[static MACHINE_CPU_SIZE])
{
	size_t begin, n;

	memset(name, 0, MACHINE_CPU_SIZE);
	read_name(name);
	n = strlen(name);
	begin = strspn(name, " ");
	while (n > begin && name[n - 1] == ' ')
		n--;
	memmove(name, name + begin, n - begin);
	name[n - begin] = '\0';
}

uint64_t machine_memory_bytes(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : (uint64_t)info.totalram * info.mem_unit;
}
