/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The points that RAPL makes: which counters are summed into which row, and with what names. */
#ifndef RAPL_ROWS_H
#define RAPL_ROWS_H

#include "alumet/point.h"
#include "core/pipeline.h"
#include "sources/rapl/domain.h"

/* One row of each interval. */
struct rapl_row {
	struct rapl_id id; /* die -1: of all dies */
	bool is_total;     /* of all packages */
	long double joules;
	bool fresh;
	char die_text[12];
};

struct rapl_rows {
	uint32_t metric;
	struct rapl_row *rows;
	size_t n;
	struct rapl_row totals[RAPL_KINDS];
	bool per_die, emit_totals;
};

/*
 * Plan the rows of these domains, sorted by domain, package and die, and note in each domain which
 * one it is part of. Returns 0 (the rows are for rapl_rows_fini()) or -ENOMEM.
 */
int rapl_rows_init(struct rapl_rows *rows, uint32_t metric, bool per_die, bool emit_totals,
                   struct rapl_domain *domains, size_t n_domains);
void rapl_rows_fini(struct rapl_rows *rows);

/*
 * Push a row for each that has had a difference since the last time, and take that energy from the
 * domains. time_ns: CLOCK_REALTIME. Returns 0 or the first error of pipeline_push().
 */
int rapl_rows_push(struct rapl_rows *rows, struct rapl_domain *domains, size_t n_domains,
                   uint64_t time_ns, struct pipeline *pipeline);

#endif
