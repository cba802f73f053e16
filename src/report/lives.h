/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The processes of a saved run as lives, as the pipeline had them when the run was measured. */
#ifndef REPORT_LIVES_H
#define REPORT_LIVES_H

#include "alumet/life.h"
#include "report/run.h"

struct report_lives {
	const struct report_data *data;
	struct life_schema schema;
	struct life_field *fields; /* of the schema, in the order of the data's fields */
	struct life_value *values; /* of the life that was made last */
	char *args;                /* likewise */
	size_t args_capacity;
};

/* Returns 0 or -ENOMEM; to be freed in both cases. The data must outlive it. */
int report_lives_init(struct report_lives *lives, const struct report_data *data);
void report_lives_fini(struct report_lives *lives);

/*
 * Make the life of a process; it is valid until the next one is made. Its times are those of the
 * report's axis. Returns 0 or -ENOMEM.
 */
int report_life_make(struct report_lives *lives, size_t process, struct life *life);

/* The wait status of a process as waitpid() would have given it. */
int report_wait_status(const struct report_process *process);

#endif
