/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table behind processes.h, for the files that fill it: its processes are found and created
 * here.
 */
#ifndef SOURCES_PERF_PROCESS_TABLE_H
#define SOURCES_PERF_PROCESS_TABLE_H

#include "sources/perf/ancestry.h"
#include "sources/perf/life_numbers.h"
#include "sources/perf/processes.h"
#include "sources/perf/threads.h"

struct exec {
	uint32_t total;    /* bytes that the process has */
	uint32_t expected; /* of those, bytes that are captured at most */
	uint32_t length;   /* bytes here so far */
	char args[];
};

struct processes {
	struct process *by_id;
	struct thread_table threads;
	struct ancestry ended;
	struct life_numbers *numbers;
	uint32_t counters_n;
	uint32_t snapshot; /* number of the latest one: processes_begin_snapshot() */
	bool root_ended;
	bool is_adopting;
	struct process_id
		*unnamed; /* adopted, names not passed on; includes some that need none any more */
	size_t unnamed_n, unnamed_room, read_n; /* read_n: of those, from the end, that were read */
	const struct process_observer *observer;
};

/* The process of that id, or NULL. */
struct process *process_find(struct processes *table, struct process_id id);

/*
 * The process of a record; one that is new is created, and passed to the observer unless it is
 * adopted. Returns 0, -ENOMEM, or what the observer returned.
 */
int process_find_or_start(struct processes *table, struct process_id id, struct process_id parent,
                          const char *birth_comm, bool is_root, bool is_adopted,
                          struct process **result);

/*
 * Pass the names of one that was adopted to the observer, if that has not been done. by_ns: names
 * that were read after this time are not its own, because it executed or ended then; 0: it did
 * neither.
 */
int process_pass_names_on(struct processes *table, struct process *process, uint64_t by_ns);

/* Its last thread has ended: pass it to the observer a last time, and remove it from the table. */
int process_end(struct processes *table, struct process *process);

/* Of a process that is in no table. */
void process_free(struct process *process);

#endif
