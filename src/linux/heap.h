/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prepares the heap for allocations whose total size is known beforehand. */
#ifndef LINUX_HEAP_H
#define LINUX_HEAP_H

#include <stddef.h>

/*
 * About this many bytes will be allocated next, in small pieces: let the kernel back them with huge
 * pages at their first use, if it does so on request (madvise in
 * /sys/kernel/mm/transparent_hugepage/enabled). Otherwise every 4 KiB cost a page fault, about 2 µs
 * in a virtual machine. No memory is used until then.
 */
void heap_expect(size_t bytes);

#endif
