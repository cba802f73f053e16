/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The points of RAPL: which counters are summed in each row, and the row's names. */
#ifndef SOURCES_RAPL_ROWS_H
#define SOURCES_RAPL_ROWS_H

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
	const char *host; /* the attribute hostname, owned by the caller; NULL: none */
};

/*
 * Create the rows for these domains, sorted by domain, package and die, and set the row of each
 * domain. Returns 0 (free the rows with rapl_rows_fini()) or -ENOMEM.
 */
int rapl_rows_init(struct rapl_rows *rows, uint32_t metric, bool per_die, bool emit_totals,
                   struct rapl_domain *domains, size_t n_domains);
void rapl_rows_fini(struct rapl_rows *rows);

/*
 * Push each row that has new readings since the last call, and take their energy from the domains.
 * time_ns: CLOCK_REALTIME. Returns 0 or the first error of pipeline_push().
 */
int rapl_rows_push(struct rapl_rows *rows, struct rapl_domain *domains, size_t n_domains,
                   uint64_t time_ns, struct pipeline *pipeline);

#endif
