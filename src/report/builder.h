/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A report's data while files are read into it. Which process a row belongs to is told by its pid
 * and its life, or, where rows have no life, by the order of rows.
 */
#ifndef REPORT_BUILDER_H
#define REPORT_BUILDER_H

#include "report/fields.h"
#include "report/run.h"

/* Fields and processes that are kept; what files have beyond is counted. */
#define BUILDER_FIELDS_MAX 256
#define BUILDER_PROCESSES_MAX 50000000

/* The values of one process and field, or of one PMU's or domain's part of it. */
struct build_cell {
	struct build_cell *next;
	uint32_t field;
	const struct report_text *variant;
	bool is_final; /* last is of process_exit: the whole */
	double last, sum;
	uint64_t time_ns;
};

struct build_process {
	struct report_process process; /* begin_ns and end_ns: since the epoch */
	struct build_cell *cells;
	uint32_t previous;          /* life of this pid, NO_PROCESS: none */
	uint32_t first_parent;      /* the life that its parent's pid had when it was first read */
	uint64_t first_ns, last_ns; /* rows */
};

struct build_metric {
	const struct report_text *text;
	enum metric_role role;
	uint32_t field;
};

struct builder {
	struct report_data *data;
	struct arena arena; /* of cells */
	struct build_process *processes;
	size_t n_processes, processes_capacity;
	struct build_slot *slots; /* by run and pid */
	size_t n_slots, n_slots_used;
	struct build_metric *metrics;
	size_t n_metrics;
	bool *is_delta; /* by field: values of some process went down */
	size_t energies_capacity, slices_capacity;
	size_t dropped;                    /* rows of fields or processes beyond the limits */
	const struct report_text *nothing; /* "" */
};

/* Returns 0 or -ENOMEM. data is zeroed; after an error both are to be freed all the same. */
int builder_init(struct builder *builder, struct report_data *data);
void builder_fini(struct builder *builder);

/* All of these return NULL, or a negative errno, when memory ran out. */

struct build_metric *builder_metric(struct builder *builder, const char *name, size_t n);

/* A new run; its index is the last. */
int builder_add_run(struct builder *builder, const char *file, const struct report_text *id);

/*
 * The process of a pid: its life of this number, or the current one with number 0; it is created if
 * there is none. NULL also when there are too many: dropped counts.
 */
struct build_process *builder_process(struct builder *builder, uint32_t run, uint32_t pid,
                                      uint32_t number);

/* The current life of the pid ended, or was another one's parent: the next one begins. */
struct build_process *builder_next_life(struct builder *builder, uint32_t run, uint32_t pid);

/* The index of the pid's current life, NO_PROCESS: none. */
uint32_t builder_current(const struct builder *builder, uint32_t run, uint32_t pid);

/* Take a value of a process at a time. variant: which part of the field. */
int builder_add_value(struct builder *builder, struct build_process *process, uint32_t field,
                      const struct report_text *variant, uint64_t time_ns, double value);

/* Take the whole value of a field, as process_exit has it. */
int builder_set_final(struct builder *builder, struct build_process *process, enum field_kind kind,
                      uint64_t time_ns, double value);

/* Take a sample of the machine's energy. attribution: without a series over time. */
int builder_add_energy(struct builder *builder, const struct report_energy *key, bool attribution,
                       uint64_t time_ns, double joules);

/* After the last row: everything of data but its notes about files. */
int builder_finish(struct builder *builder);

#endif
