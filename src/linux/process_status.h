/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The name, state, parent and memory of a process, from /proc. */
#ifndef LINUX_PROCESS_STATUS_H
#define LINUX_PROCESS_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process_status {
	char comm[16];
	char state; /* as in proc(5): 'Z' is a zombie */
	uint32_t parent;
	bool is_kernel_thread;
};

/* Returns 0, or a negative errno: -ENOENT when there is no such process. */
int process_status_read(uint32_t pid, struct process_status *status);

/* The process of a thread: the thread's own id, if it is the main thread; 0: no such thread. */
uint32_t process_of_thread(uint32_t tid);

/*
 * The peak resident memory of a running process since its last exec, in bytes (VmHWM); 0: it has no
 * memory map (any more), or there is no such process.
 */
uint64_t process_peak_rss(uint32_t pid);

/*
 * Call visit with each process in /proc until it returns non-zero. Returns its last result, or a
 * negative errno.
 */
int process_for_each(int (*visit)(void *data, uint32_t pid), void *data);

/* The pid of the process in the innermost of its pid namespaces; 0: there is no such process. */
uint32_t process_inner_pid(uint32_t pid);

/*
 * The process that has this pid in a pid namespace of its own, for example in a container, and
 * another pid here; 0: none.
 */
uint32_t process_by_inner_pid(uint32_t pid);

#endif
