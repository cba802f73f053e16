/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The CPU time of a process, and its descendants. */
#ifndef LINUX_PROCESS_TIMES_H
#define LINUX_PROCESS_TIMES_H

#include <stddef.h>
#include <stdint.h>

/* Ticks are those of sysconf(_SC_CLK_TCK). */
struct process_times {
	char comm[16];
	uint64_t own_ticks;    /* CPU time */
	uint64_t waited_ticks; /* CPU time of children that ended and were waited for */
	uint64_t start_ticks;  /* since boot */
};

/* Returns 0 or a negative errno. */
int process_times_read(uint32_t pid, struct process_times *times);

/* start_ticks in the initial time namespace; 0: unknown. */
uint64_t process_start_ticks(uint32_t pid);

/*
 * List the process and its running descendants, parents before their children: at most max, which
 * is 1 or more. Returns their number. The process itself is always in the list, and is the only one
 * if the kernel has no lists of children.
 */
size_t process_family(uint32_t pid, uint32_t *family, size_t max);

#endif
