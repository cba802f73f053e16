/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Identifies the run, the machine and its boot, so that the processes of one run can be told from
 * those of others. A process is identified by run, host, boot, pid and start time.
 */
#ifndef LINUX_IDENTITY_H
#define LINUX_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

/* Hexadecimal digits of a trace id and of a span id, with a NUL (W3C Trace Context). */
#define IDENTITY_RUN_SIZE 33
#define IDENTITY_SPAN_SIZE 17

/* A UUID with its NUL. */
#define IDENTITY_BOOT_SIZE 37

/* A host name with its NUL: __NEW_UTS_LEN + 1. */
#define IDENTITY_HOST_SIZE 65

struct identity {
	char run[IDENTITY_RUN_SIZE];
	char parent_span[IDENTITY_SPAN_SIZE]; /* from TRACEPARENT; "": none */
	char host[IDENTITY_HOST_SIZE];
	char boot[IDENTITY_BOOT_SIZE]; /* "": not known */
	/* From the environment; NULL: no launcher or batch system has set them. */
	const char *job, *step;
	const char *rank; /* among all tasks */
	const char *task; /* among the tasks of the node */
};

/*
 * Make the id of a run: the trace id from TRACEPARENT, so that all parts of a job have the same
 * one; without it, a random id.
 */
void identity_new_run(char run[static IDENTITY_RUN_SIZE]);

/* Read the other members, for a run with this id. */
void identity_read(struct identity *identity, const char *run);

/*
 * Get a field: run_id, hostname, boot_id, job_id, step, rank, task, in this order. Its name is
 * stored in *key; name and value are valid as long as the identity. Returns NULL if the value is
 * unknown. After the last field, *key is NULL, too.
 */
const char *identity_field(const struct identity *identity, size_t index, const char **key);

#endif
