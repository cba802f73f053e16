/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Numbers the lives of each pid: 1 for the first process in the run, 2 for the next one with the
 * same pid, and so on. It needs a byte for each pid in the ranges that were seen, so that it stays
 * small even when pids wrap around; four bytes if a pid has more than 255 lives.
 */
#ifndef SOURCES_PERF_LIFE_NUMBERS_H
#define SOURCES_PERF_LIFE_NUMBERS_H

#include <stdint.h>

struct life_numbers;

struct life_numbers *life_numbers_new(void); /* NULL when memory ran out */
void life_numbers_free(struct life_numbers *numbers);

/* The number of a new life of pid; 0 when memory ran out. */
uint32_t life_numbers_next(struct life_numbers *numbers, uint32_t pid);

#endif
