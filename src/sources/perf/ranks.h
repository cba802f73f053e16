/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ranks of a parallel job, where one agent follows the processes of several: which variables of
 * their environment have them, and what is taken from one.
 */
#ifndef SOURCES_PERF_RANKS_H
#define SOURCES_PERF_RANKS_H

#include <stddef.h>
#include <stdint.h>

#include "alumet/point.h"
#include "alumet/run.h"
#include "sources/perf/settings.h"

/*
 * The names of the variables, NULL at the end: the user's, in own, or the launchers'. NULL: ranks
 * are of no interest. own has room for RANK_NAMES_MAX + 1, all NULL, and outlives what is
 * returned, as the settings do.
 */
const char *const *ranks_choose(const struct perf_settings *settings, const struct run_info *run,
                                const char **own);

/*
 * What is wrong with a list of names (struct setting_list), as struct setting_values has it; or
 * NULL.
 */
const char *ranks_names_problem(const void *list);

/*
 * Take the value of "NAME=VALUE", NUL-terminated within n bytes, for the rank. One that is empty,
 * too long, or has other signs than ASCII's visible ones is none: the rank stays as it is.
 */
void rank_take(char rank[static RANK_SIZE], const char *text, size_t n);

/*
 * Take the rank of a process that runs from its environment, if the kernel lets the agent read
 * it.
 */
void ranks_read(const char *const *names, uint32_t pid, char rank[static RANK_SIZE]);

#endif
