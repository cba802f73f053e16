/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Saved runs in memory: processes with their values, energy, and CPU usage over time. Each format
 * of a report is written from this.
 */
#ifndef REPORT_RUN_H
#define REPORT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "report/texts.h"

#define NO_PROCESS UINT32_MAX

/* The meaning of a field; FIELD_EVENT: an event without a special meaning for this program. */
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

/* A number that processes have. */
struct report_field {
	enum field_kind kind;
	const struct report_text *metric; /* as in the file, with its unit */
	char *name;                       /* as in -e: "cpu-time", "page-faults" */
	const char *unit;                 /* "ns", "B", "J", "" */
	bool has_rows;                    /* has rows other than process_exit */
	/* The value of several processes is their maximum, not their sum. */
	bool is_max;
	/* Its rows are differences, whatever kind the counters are: shares of an energy domain. */
	bool is_difference;
};

struct report_process {
	uint32_t pid, parent_pid;  /* parent_pid 0: unknown */
	uint32_t number;           /* number of its life among those with this pid, from 1 */
	uint32_t run;              /* index into runs */
	uint32_t parent;           /* index into processes, NO_PROCESS: none */
	uint32_t threads, execs;   /* 0: unknown */
	uint64_t begin_ns, end_ns; /* on the report's time axis */
	const struct report_text *comm, *exe, *args; /* "": unknown; args as in the file */
	const struct report_text *rank;              /* in a parallel job; "": none in its rows */
	bool has_end;                                /* it has a process_exit row */
	bool knows_execs;                            /* or one of its life when the run ended */
	bool is_adopted;    /* it was already running when it was adopted */
	bool status_hidden; /* that row has no exit status: another user's program */
	/* It was alive when the run ended (known only if the run has process_exit rows). */
	bool lives;
	bool core;          /* a core was dumped */
	bool oom_killed;
	uint8_t signal;      /* the signal that ended it; 0: none */
	uint8_t exit_status; /* if no signal ended it */
};

/* An energy counter of the machine, such as a domain of a package, or a part of its energy. */
struct report_energy {
	uint32_t run;
	const struct report_text *domain;        /* "package", "dram" … */
	const struct report_text *resource_kind; /* "cpu_package" … */
	const struct report_text *resource_id;
	const struct report_text
		*part; /* of attributed energy: "idle", "other" …; NULL: measured */
	const struct report_text *method; /* how a part was computed; "": unknown */
	double joules;
	size_t n_samples;
	struct report_sample *samples; /* measured energy since the previous sample */
};

struct report_sample {
	uint64_t time_ns; /* like begin_ns of a process */
	double value;
};

/* CPU time of a process in an interval, if the file has rows of intervals. */
struct report_slice {
	uint32_t process;
	uint64_t begin_ns, end_ns;
	double cpu_ns;
};

#define NO_FRAME UINT32_MAX

/* A function of a profile, below its caller. */
struct report_frame {
	uint32_t parent; /* index into frames, less than its own; NO_FRAME: none */
	const struct report_text *function;
	const struct report_text *module; /* "libfoo.so", "[kernel]"; "": unknown */
};

/* Samples of a process with the same stack. */
struct report_count {
	uint32_t process;
	uint32_t frame; /* the innermost; NO_FRAME: unknown */
	uint64_t time_ns; /* of the first sample, on the report's time axis */
	double samples;
	double weight; /* in ns, or in events */
	double priced; /* the weight times the price of energy at that time; 0: unknown */
};

/* One measured command. */
struct report_run {
	const char *file;
	const struct report_text *id; /* the attribute run; "": none */
	const struct report_text
		*info; /* attributes of run_info as "key=value\n" lines, or "" */
	const struct report_text
		*command; /* from run_info, else the first arguments of its first process */
	uint64_t start_ns;         /* its begin, in ns since the epoch */
	uint64_t begin_ns, end_ns; /* on the report's time axis */
	bool is_watch;             /* of processes that were already running and were adopted */
	bool has_exits;            /* it has process_exit or process_alive rows */
	bool has_end;              /* its run_end row was read */
	bool detached;             /* that row says that the measured processes are still running */
	bool interrupted;          /* or, those that outlived the command, with --wait-tree */
	bool lacks_end;            /* that row should be there: the last rows are missing */
	bool killed;               /* a signal ended the command */
	uint8_t signal;            /* which one; 0: unknown */
	bool has_status;           /* that row has the status of the command */
	uint8_t exit_status;       /* of the command, if no signal ended it; 0: also unknown */
	uint64_t wall_ns;          /* from run_end; 0: unknown */
	/* What belongs to it of energies, and of counts. */
	size_t first_energy, n_energies;
	size_t first_count, n_counts;
};

/* A notice of the agent's about a run. */
struct report_notice {
	uint32_t run;
	bool is_loss; /* something is missing in the rows; false: for information */
	char *text;   /* any bytes */
};

struct report_data {
	struct report_texts texts;
	size_t n_runs, n_processes, n_fields, n_energies, n_slices, n_notes, n_notices;
	struct report_run *runs;
	struct report_process *processes; /* by run, then by begin */
	struct report_field *fields;
	double *values;    /* n_fields for each process; NaN: no value */
	double *estimated; /* by how much each value may be wrong; NULL: none is estimated */
	struct report_energy *energies; /* by run, then in the order of their first rows */
	struct report_slice *slices; /* of processes with several intervals; by process */
	size_t n_frames, n_counts;   /* of a profile */
	struct report_frame *frames;
	struct report_count *counts; /* by process, then by frame; each pair once */
	size_t n_samples;
	struct report_count *samples;  /* by process, frame and time */
	char **notes;                  /* what could not be read, for the user */
	struct report_notice *notices; /* in the order of the rows */
	uint64_t end_ns;               /* end of the time axis, which begins at 0 */
};

void report_data_fini(struct report_data *data);

/* The index of a run's first process or, if it has none, of the next run's. */
size_t report_first_of(const struct report_data *data, uint32_t run);

/*
 * Whether the process is the command of its run: the first one, unless the run is a watch, which
 * has none.
 */
bool report_is_command(const struct report_data *data, size_t process);

/*
 * The wall time of a run, as in tree/wall.h. If the end of the command is unknown, it is taken from
 * run_end, or is the time from the first row to the last.
 */
uint64_t report_wall_ns(const struct report_data *data, uint32_t run);

/* The index of the field of this kind, -1 if the files have none. Not for FIELD_EVENT. */
int report_field_of(const struct report_data *data, enum field_kind kind);

/* A value of a process; NaN: it has none. field may be -1. */
static inline double report_value(const struct report_data *data, size_t process, int field)
{
	return field < 0 ? __builtin_nan("")
	                 : data->values[process * data->n_fields + (size_t)field];
}

/* By how much this value may be wrong, because it is estimated; 0: it is not. */
static inline double report_estimated(const struct report_data *data, size_t process, int field)
{
	return field < 0 || !data->estimated
	               ? 0
	               : data->estimated[process * data->n_fields + (size_t)field];
}

/*
 * Whether the energy of a counter, or a part of it, counts in sums. The energy of a package
 * includes its other domains, and that of the platform includes all.
 */
static inline bool report_energy_is_summed(const struct report_energy *energy)
{
	return strcmp(energy->domain->bytes, "package") == 0 ||
	       strcmp(energy->domain->bytes, "dram") == 0;
}

/* Whether the function belongs to the kernel or to one of its modules: "[nfs]". */
static inline bool report_frame_is_kernel(const struct report_frame *frame)
{
	return frame->module->bytes[0] == '[' && strcmp(frame->module->bytes, "[vdso]") != 0;
}

/* Add a notice; the text is copied. Returns 0 or -ENOMEM. */
int report_notice_add(struct report_data *data, uint32_t run, bool is_loss, const char *text,
                      size_t n);

/*
 * The messages of a report: what could not be read, then what the agent reported. NULL: there is no
 * further one. *is_loss: something is missing.
 */
const char *report_message(const struct report_data *data, size_t i, bool *is_loss);

/* Add a line to the notes. Returns 0 or -ENOMEM. */
int report_note(struct report_data *data, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
