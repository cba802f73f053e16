/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which life of its pid a process is: 1 for the first in the run, 2 for the next one that the kernel
 * gave the same pid to, and so on. A byte for each pid of the ranges that were seen, so that a run in
 * which pids wrap around keeps as little as any other; four where a pid had more than 255 lives.
 */
#ifndef PERF_LIFE_NUMBERS_H
#define PERF_LIFE_NUMBERS_H

#include <stdint.h>

struct life_numbers;

struct life_numbers *life_numbers_new(void); /* NULL when memory ran out */
void life_numbers_free(struct life_numbers *numbers);

/* The number of a new life of pid; 0 when memory ran out. */
uint32_t life_numbers_next(struct life_numbers *numbers, uint32_t pid);

#endif
