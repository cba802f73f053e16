/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The processes of a saved run as lives, like those in the pipeline during the measurement. */
#ifndef REPORT_LIVES_H
#define REPORT_LIVES_H

#include "alumet/life.h"
#include "report/run.h"

struct report_lives {
	const struct report_data *data;
	struct life_schema schema;
	struct life_field *fields; /* of the schema, in the order of the data's fields */
	struct life_value *values; /* of the current life */
	bool *is_whole;            /* of each field: counts whose sum fits into 64 bits */
	char *args;                /* the same */
	size_t args_capacity;
};

/* Returns 0 or -ENOMEM; call report_lives_fini() in both cases. The data must outlive it. */
int report_lives_init(struct report_lives *lives, const struct report_data *data);
void report_lives_fini(struct report_lives *lives);

/*
 * Fill in the life of a process, valid until the next call. Its times are on the report's axis.
 * Returns 0 or -ENOMEM.
 */
int report_life_make(struct report_lives *lives, size_t process, struct life *life);

/* The wait status of a process, as from waitpid(). */
int report_wait_status(const struct report_process *process);

/*
 * Split the arguments of a process. In the file they are separated by blanks; an argument that is
 * empty or contains blanks, quotes or '\' is in single quotes, with '\'' for a quote inside. The
 * result has a NUL after each. Returns its length, at most one more than that of the text.
 */
size_t report_args_split(const struct report_text *text, char *to);

#endif
