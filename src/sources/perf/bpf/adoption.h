/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The programs that only a watch needs (bpf/watch/): they add running tasks to the map of tasks.
 * They are an object of their own, which shares the maps of programs.h, so that running a command
 * does not have to load them.
 */
#ifndef SOURCES_PERF_BPF_ADOPTION_H
#define SOURCES_PERF_BPF_ADOPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/watch.h"
#include "bpf/record.h"
#include "sources/perf/bpf/programs.h"

struct adoption;

/*
 * Load the programs besides those of the same request. The watch and the programs must outlive the
 * adoption. Returns 0 or a negative errno after logging it.
 */
int adoption_new(const struct programs_request *request, const struct programs *programs,
                 const struct watch *watch, struct adoption **adoption);
void adoption_free(struct adoption *adoption);

/*
 * Attach the program at a task's creation, which takes the place of the other one. Returns 0 or a
 * negative errno after logging it.
 */
int adoption_attach(struct adoption *adoption);

/*
 * Add each task of the watched set to the map of tasks, however many are created meanwhile, and
 * call adopted() for each that existed before; with TASK_LEFT, for each that no longer belongs to
 * the set. Returns 0, a negative errno, or the result of adopted() if that is not 0.
 */
int adoption_run(struct adoption *adoption,
                 int (*adopted)(void *data, const struct adopted_record *record), void *data);

/* Whether tasks were moved into the watched cgroups or out of them since the last call. */
bool adoption_has_moves(struct adoption *adoption);

/*
 * Whether a task that was moved out of the watched cgroups, and has not run since, was moved back
 * in: call adoption_run() again then. Returns true once for each such move.
 */
bool adoption_is_due(struct adoption *adoption);

#endif
