/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One function for each kind of row, and the helpers that parse their cells. For read_rows.c only.
 */
#ifndef REPORT_READ_PARTS_H
#define REPORT_READ_PARTS_H

#include "report/read_rows.h"

struct row_context {
	const struct report_row *row;
	struct build_metric metric;
	uint32_t run, pid;
	uint64_t time_ns;
	double value;
};

/* The value of an attribute; NULL: the row has no such attribute. */
const struct report_bytes *row_attribute(const struct report_row *row, const char *key);

/* An attribute as a whole number; 0 if there is none. */
uint32_t row_u32(const struct report_row *row, const char *key);
uint64_t row_u64(const struct report_row *row, const char *key);

/* The number of a signal by its name ("SIGKILL"), else by the row's value, 128 + n; 0: unknown. */
uint8_t row_signal(const struct report_bytes *name, double status);

/* Parse a cell. Returns false if it is no such number. */
bool cell_u32(struct report_bytes bytes, uint32_t *value);
bool cell_number(struct report_bytes bytes, double *value);

/* Add the bytes to the data's texts; NULL stands for "". Returns NULL if memory ran out. */
const struct report_text *reader_keep(struct reader *reader, const struct report_bytes *bytes);

/* Find the run of a row. Like all below, returns 0 or -ENOMEM. */
int reader_find_run(struct reader *reader, const struct report_row *row, uint32_t *run);

/* Note that the process was alive at that time. */
void read_see(struct build_process *process, uint64_t time_ns);

int read_run_info(struct reader *reader, const struct row_context *at);
int read_run_note(struct reader *reader, const struct row_context *at);
int read_run_end(struct reader *reader, const struct row_context *at);
int read_energy(struct reader *reader, const struct row_context *at);
int read_process_info(struct reader *reader, const struct row_context *at);
int read_process_exit(struct reader *reader, const struct row_context *at);
int read_process_alive(struct reader *reader, const struct row_context *at);
int read_value(struct reader *reader, const struct row_context *at);

#endif
