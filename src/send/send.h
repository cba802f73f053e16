/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sends saved runs to a store, by Influx line protocol, to ClickHouse, or as a trace by OTLP. This
 * happens after the run in a separate process; exec has no part in it.
 */
#ifndef SEND_SEND_H
#define SEND_SEND_H

#include <stdbool.h>
#include <stddef.h>

struct send_options {
	const char *const *files; /* names or patterns */
	size_t n_files;
	const char *to;         /* the address, see target.h */
	const char *token_file; /* NULL: the environment's ALUMET_TOKEN, if it is set */
	bool per_process;       /* line protocol: each process, not sums */
	bool dry_run;           /* write to the standard output what would be sent */
};

/*
 * Send all files. Files are never changed. Returns 0 if the store has taken everything; 1 if it has
 * not; -EINVAL for a wrong address or option; another negative errno if a file could not be read,
 * in which case the others are sent all the same. All but 0 are logged.
 */
int send_files(const struct send_options *options);

#endif
