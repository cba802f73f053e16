/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Replaces the C library's allocator in a test program, so that the n-th allocation of what is
 * tested fails, and what is not freed is seen. Include it in one file of the program only.
 *
 * The address sanitizer and valgrind have allocators of their own: nothing fails with them, and
 * nothing is counted.
 */
#ifndef TESTS_UNIT_FAILING_ALLOCATIONS_H
#define TESTS_UNIT_FAILING_ALLOCATIONS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* Between allocations_begin() and allocations_end(). */
static struct {
	bool armed;
	long failing; /* number of the one that fails, from 0 */
	long n;       /* so many there were */
	long alive;   /* and so many of them were not freed */
} allocations;

static inline void allocations_begin(long failing)
{
	/*
	 * What a message is printed with: the C library keeps what it has loaded of another locale.
	 */
	setenv("LC_ALL", "C", 1);
	allocations.failing = failing;
	allocations.n = allocations.alive = 0;
	allocations.armed = true;
}

static inline void allocations_end(void)
{
	allocations.armed = false;
}

/* After a run of allocations_begin() and _end(): were they ours? If not, says so. */
static inline bool allocations_are_ours(void)
{
	if (allocations.n == 0)
		print_message("SKIP: a sanitizer or valgrind has replaced malloc()\n");
	return allocations.n > 0;
}

#if !defined(__SANITIZE_ADDRESS__)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *memory);

static inline bool allocation_fails(void)
{
	if (!allocations.armed || allocations.n++ != allocations.failing)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	if (allocation_fails())
		return NULL;
	allocations.alive += allocations.armed;
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	if (allocation_fails())
		return NULL;
	allocations.alive += allocations.armed;
	return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	if (allocation_fails())
		return NULL;
	allocations.alive += allocations.armed && !old;
	return __libc_realloc(old, size);
}

void free(void *memory)
{
	allocations.alive -= allocations.armed && memory;
	__libc_free(memory);
}

#endif

#endif
