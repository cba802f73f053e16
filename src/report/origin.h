/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The origin of a run, from its run_info row; see docs/csv.md. */
#ifndef REPORT_ORIGIN_H
#define REPORT_ORIGIN_H

#include <stddef.h>
#include <stdint.h>

#include "report/run.h"

/* The value of a key, not NUL-terminated, with its length in *n; NULL: there is none. */
const char *origin_find(const struct report_run *run, const char *key, size_t *n);

/* Convert a time on the report's axis into ns since the epoch, for a run. */
uint64_t origin_epoch_ns(const struct report_run *run, uint64_t axis_ns);

/*
 * A hash (FNV-1a, 64 bits, mixed at the end), which starts from ORIGIN_HASH. Ids made of it are the
 * same each time that a file is sent.
 */
#define ORIGIN_HASH 0xcbf29ce484222325ULL
uint64_t origin_hash(uint64_t hash, const void *bytes, size_t n);

#endif
