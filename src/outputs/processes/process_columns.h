/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The columns of the output processes. First, which process it is:
 *
 *   run_id hostname boot_id job_id step rank task run pid started life ppid parent_started
 *
 * then how it ran and ended, comm … execs; then the values that the kernel keeps for each process
 * and its energy, always all and in the same order; then those of this run's events. The column of
 * a value is its name, with characters other than letters and digits replaced by '_', and its unit:
 * cpu_time_ns, peak_rss_bytes. A cell without a value is empty. Texts are UTF-8: a byte that is not
 * part of a character becomes U+FFFD.
 */
#ifndef OUTPUTS_PROCESSES_PROCESS_COLUMNS_H
#define OUTPUTS_PROCESSES_PROCESS_COLUMNS_H

#include "alumet/life.h"
#include "alumet/run.h"
#include "linux/identity.h"
#include "core/text.h"
#include "outputs/file/csv_delimiter.h"

struct process_columns {
	const struct life_schema *schema;
	const struct run_info *run;
	int *fields; /* by column after the fixed ones: field index; -1: empty here */
	size_t n_fields;
	struct csv_delimiter delimiter;
	struct identity identity;
	const char *rank;   /* of the agent itself; NULL: none */
	struct text prefix; /* cells that are the same in each row: those before the rank, */
	struct text suffix; /* and those after it */
	struct text cell;   /* scratch */
};

/* The arguments must outlive the columns. Returns 0 or -ENOMEM, logged. */
int process_columns_init(struct process_columns *columns, const struct life_schema *schema,
                         const struct run_info *run, const char *delimiter);
void process_columns_fini(struct process_columns *columns);

/* Add the header, or the row of one process. Out of memory: out->failed. */
void process_columns_add_header(struct process_columns *columns, struct text *out);
void process_columns_add(struct process_columns *columns, struct text *out,
                         const struct life *life);

#endif
