/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sets of CPUs in the kernel's list format, "0-3,8": files cpumask, cpus, online, possible. */
#ifndef LINUX_CPU_LIST_H
#define LINUX_CPU_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CPU numbers in ascending order, without repeats. A zeroed list is empty. */
struct cpu_list {
	uint32_t *cpus;
	size_t n;
};

/* CPU numbers are below this: eight times the largest NR_CPUS that a kernel can be built with. */
#define CPU_LIST_LIMIT 65536

/*
 * Parse "0-3,8" with an optional newline at the end; an empty text is an empty list.
 * Returns 0, -EINVAL if it is not such a list, -ERANGE for a number of CPU_LIST_LIMIT or more, or
 * -ENOMEM. On an error, the list is empty.
 */
int cpu_list_parse(const char *text, struct cpu_list *list);

/*
 * The same for a file. folder: the directory that a relative path starts from, as for openat().
 * Also returns the negative errno of opening or reading the file.
 */
int cpu_list_read(int folder, const char *path, struct cpu_list *list);

bool cpu_list_has(const struct cpu_list *list, uint32_t cpu);

/* Whether every CPU of the inner list is in the outer one. */
bool cpu_list_covers(const struct cpu_list *outer, const struct cpu_list *inner);

/* Whether at least one CPU is in both lists. */
bool cpu_list_overlaps(const struct cpu_list *a, const struct cpu_list *b);

/* Free the numbers, and make the list empty. */
void cpu_list_free(struct cpu_list *list);

#endif
