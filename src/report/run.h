/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Saved runs as they were read: processes with their values, energy, and what is known of CPU use
 * over time. Every format of a report is made from this.
 */
#ifndef REPORT_RUN_H
#define REPORT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/texts.h"

#define NO_PROCESS UINT32_MAX

/* What a field means; an event that the program has no special use for is FIELD_EVENT. */
enum field_kind {
	FIELD_CPU_TIME,
	FIELD_USER_TIME,
	FIELD_SYSTEM_TIME,
	FIELD_RUNQUEUE_WAIT,
	FIELD_BLOCK_WAIT,
	FIELD_WALL_TIME,
	FIELD_PEAK_RSS,
	FIELD_READ_BYTES,
	FIELD_WRITE_BYTES,
	FIELD_READ_CHARS,
	FIELD_WRITE_CHARS,
	FIELD_VOLUNTARY_SWITCHES,
	FIELD_INVOLUNTARY_SWITCHES,
	FIELD_ENERGY,
	FIELD_EVENT,
};

/* One number that processes have. */
struct report_field {
	enum field_kind kind;
	const struct report_text *metric; /* as in the file, with its unit */
	char *name;                       /* as -e has it: "cpu-time", "page-faults" */
	const char *unit;                 /* "ns", "B", "J", "" */
	bool has_rows;                    /* not only process_exit tells it */
	bool is_max;                      /* of several processes the largest counts, not the sum */
};

struct report_process {
	uint32_t pid, parent_pid;  /* parent_pid 0: not known */
	uint32_t number;           /* its life among those with that pid, from 1 */
	uint32_t run;              /* index into runs */
	uint32_t parent;           /* index into processes, NO_PROCESS: none */
	uint32_t threads, execs;   /* 0: not known */
	uint64_t begin_ns, end_ns; /* since the beginning of the report's time axis */
	const struct report_text *comm, *exe, *args; /* "" when not known; args as in the file */
	bool has_end;                                /* its process_exit was read */
	bool status_hidden; /* which had no exit status: another user's program */
	bool lives;         /* it outlived the run (known only with process_exit rows in the run) */
	bool core;          /* dumped core */
	bool oom_killed;
	uint8_t signal;      /* that ended it; 0: none */
	uint8_t exit_status; /* if no signal did */
};

/* One counter of energy of the machine, or one part of it: a domain of a package. */
struct report_energy {
	uint32_t run;
	const struct report_text *domain;        /* "package", "dram" … */
	const struct report_text *resource_kind; /* "cpu_package" … */
	const struct report_text *resource_id;
	const struct report_text
		*part; /* of attributed energy: "idle", "other" …; NULL: measured */
	const struct report_text *method; /* of a part: how it was found, "" when not said */
	double joules;
	size_t n_samples;
	struct report_sample *samples; /* measured energy: since the sample before */
};

struct report_sample {
	uint64_t time_ns; /* as begin_ns of a process */
	double value;
};

/* CPU time of a process up to a moment, where rows of intervals tell it. */
struct report_slice {
	uint32_t process;
	uint64_t begin_ns, end_ns;
	double cpu_ns;
};

/* One measured command. */
struct report_run {
	const char *file;
	const struct report_text *id; /* the attribute run, "" without */
	const struct report_text
		*info;             /* attributes of run_info as "key=value\n" lines; "" without */
	uint64_t start_ns;         /* ns since the epoch of its first moment */
	uint64_t begin_ns, end_ns; /* on the report's time axis */
	bool has_exits;            /* it has process_exit rows */
};

struct report_data {
	struct report_texts texts;
	size_t n_runs, n_processes, n_fields, n_energies, n_slices, n_notes;
	struct report_run *runs;
	struct report_process *processes; /* by run, then in the order of their begin */
	struct report_field *fields;
	double *values; /* of a process's fields, n_fields each; NaN: it has no value */
	struct report_energy *energies;
	struct report_slice *slices; /* of processes with rows of several intervals; by process */
	char **notes;                /* what is missing in the files, for the user */
	uint64_t end_ns;             /* of the time axis, which begins with 0 */
};

void report_data_fini(struct report_data *data);

/* The index of the field of a kind; -1: the files have none. Not for FIELD_EVENT. */
int report_field_of(const struct report_data *data, enum field_kind kind);

/* A value of a process; NaN: none. field may be -1. */
static inline double report_value(const struct report_data *data, size_t process, int field)
{
	return field < 0 ? __builtin_nan("")
	                 : data->values[process * data->n_fields + (size_t)field];
}

/* Add a line to the notes. Returns 0 or -ENOMEM. */
int report_note(struct report_data *data, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
