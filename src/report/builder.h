/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The data of a report while files are read into it. A row belongs to a process by its pid and
 * life. Where rows have no life, their order decides.
 */
#ifndef REPORT_BUILDER_H
#define REPORT_BUILDER_H

#include "report/fields.h"
#include "report/profile.h"
#include "report/run.h"
#include "report/slots.h"

/* At most this many fields and processes are kept; rows of more are counted and dropped. */
#define BUILDER_FIELDS_MAX 256
#define BUILDER_PROCESSES_MAX 50000000

/* The values of one process and field, or of one PMU's or domain's part of it. */
struct build_cell {
	struct build_cell *next;
	uint32_t field;
	const struct report_text *variant;
	bool is_final; /* last is from process_exit: the value of the whole life */
	double last, sum;
	double last_estimated, estimated_sum; /* by how much they may be wrong */
	uint64_t time_ns;
};

struct build_process {
	struct report_process process; /* begin_ns and end_ns: since the epoch */
	struct build_cell *cells;
	uint32_t previous;          /* previous life of this pid; NO_PROCESS: none */
	uint32_t first_parent;      /* the life that the parent's pid had when it was first read */
	uint64_t first_ns, last_ns; /* of its rows */
	uint64_t created_ns;        /* of an adopted one, since the epoch; 0: not known */
	bool has_alive;             /* it has a process_alive row: it outlived the run */
};

/* Whether values of rows are cumulative or differences, according to the run's run_info. */
enum build_values {
	BUILD_VALUES_UNKNOWN, /* not stated: see is_delta of struct build_run */
	BUILD_VALUES_CUMULATIVE,
	BUILD_VALUES_DELTA,
};

struct build_run {
	enum build_values values;
	bool is_delta[BUILDER_FIELDS_MAX]; /* values of some process went down */
	uint64_t first_ns, last_ns;        /* of its rows, of any kind */
};

/* A value of a process, from a row. */
struct build_value {
	uint32_t field;
	const struct report_text *variant; /* which part of the field */
	uint64_t time_ns;
	double value;
	double estimated; /* by how much it may be wrong, as an estimate; 0: counted */
	bool is_rough;    /* scaled or estimated: it may be lower than the previous one */
};

struct build_metric {
	const struct report_text *text;
	enum metric_role role;
	uint32_t field;
	uint32_t run; /* the last one in which it was */
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
	struct build_metric others; /* beyond the limit */
	struct build_run *runs; /* like data->runs */
	bool has_estimates;     /* some value is an estimate */
	struct report_profile profile;
	struct slots energies; /* of data->energies, by all that makes one */
	size_t slices_capacity;
	size_t dropped;                    /* rows of fields or processes beyond the limits */
	const struct report_text *nothing; /* "" */
};

/* data must be zeroed. Returns 0 or -ENOMEM; the caller frees builder and data in both cases. */
int builder_init(struct builder *builder, struct report_data *data);
void builder_fini(struct builder *builder);

/* All of these return NULL or a negative errno if memory ran out. */

/*
 * The metric with this name, of a row of the run. Metrics that name an event in different styles
 * (perf_software_PAGE_FAULTS, perf_page_faults) have one field, unless a run has both.
 */
struct build_metric *builder_metric(struct builder *builder, uint32_t run, const char *name,
                                    size_t n);

/* Add a run; its index is the last. */
int builder_add_run(struct builder *builder, const char *file, const struct report_text *id);

/* The run has a row of this time. */
static inline void builder_see_run(struct builder *builder, uint32_t run, uint64_t time_ns)
{
	struct build_run *build = &builder->runs[run];

	build->first_ns = time_ns < build->first_ns ? time_ns : build->first_ns;
	build->last_ns = time_ns > build->last_ns ? time_ns : build->last_ns;
}

/*
 * The process with this pid: its life with this number, or its current life for number 0. Creates
 * it if there is none. Returns NULL also when there are too many, and counts it in dropped.
 */
struct build_process *builder_process(struct builder *builder, uint32_t run, uint32_t pid,
                                      uint32_t number);

/*
 * End the current life of the pid, because it ended or belonged to another parent, and begin the
 * next.
 */
struct build_process *builder_next_life(struct builder *builder, uint32_t run, uint32_t pid);

/* The index of the current life of the pid, or NO_PROCESS. */
uint32_t builder_current(const struct builder *builder, uint32_t run, uint32_t pid);

/* Add a value of a process. */
int builder_add_value(struct builder *builder, struct build_process *process,
                      const struct build_value *value);

/* Whether the rows of a run have differences of the field, which have to be added up. */
bool builder_is_delta(const struct builder *builder, uint32_t run, uint32_t field);

/*
 * Set the value of a field for the whole life, from process_exit, and by how much it may be wrong.
 */
int builder_set_final(struct builder *builder, struct build_process *process, enum field_kind kind,
                      uint64_t time_ns, double value, double estimated);

/* Add a sample of the machine's energy. attribution: add it to the sum only, not as a sample. */
int builder_add_energy(struct builder *builder, const struct report_energy *key, bool attribution,
                       uint64_t time_ns, double joules);

/* After the last row: fill in all of data, except its notes about files. */
int builder_finish(struct builder *builder);

#endif
