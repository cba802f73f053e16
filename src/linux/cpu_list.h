/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sets of CPUs in the kernel's list format, "0-3,8": cpumask and cpus files, online, possible. */
#ifndef CORE_CPU_LIST_H
#define CORE_CPU_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CPU numbers, ascending, each once. A zeroed list is empty. */
struct cpu_list {
	uint32_t *cpus;
	size_t n;
};

/* CPU numbers are below this: eight times the most that a kernel can be built for (NR_CPUS). */
#define CPU_LIST_LIMIT 65536

/*
 * Parse "0-3,8" with an optional newline at the end; an empty text is an empty list.
 * Returns 0, -EINVAL (not such a list), -ERANGE (a number not below CPU_LIST_LIMIT), -ENOMEM; on an
 * error the list is empty.
 */
int cpu_list_parse(const char *text, struct cpu_list *list);

/* The same from a file. Also returns the negative errno of opening or reading it. */
int cpu_list_read(const char *path, struct cpu_list *list);

bool cpu_list_has(const struct cpu_list *list, uint32_t cpu);

/* Every CPU of the inner list is in the outer one. */
bool cpu_list_covers(const struct cpu_list *outer, const struct cpu_list *inner);

/* At least one CPU is in both. */
bool cpu_list_overlaps(const struct cpu_list *a, const struct cpu_list *b);

/* Free the numbers; the list is empty then. */
void cpu_list_free(struct cpu_list *list);

#endif
