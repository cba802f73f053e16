/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Folding: processes with the same name whose ancestors have the same names, too, become one node.
 */
#ifndef REPORT_FOLD_H
#define REPORT_FOLD_H

#include "report/run.h"

struct fold_node {
	uint32_t parent;                 /* NO_PROCESS: none; parents come before their children */
	const struct report_text *label; /* any bytes */
	uint64_t processes;
	double value; /* of the processes themselves; NaN if none has one */
};

struct fold {
	size_t n;
	struct fold_node *nodes;
	uint32_t *of_process; /* the node of each process */
};

/*
 * Fold the processes, and add up the values that the caller's function returns for them; they may
 * be NaN. Returns 0 or -ENOMEM. Labels are added to the data's texts.
 */
int fold_processes(struct report_data *data,
                   double (*value)(const struct report_data *data, size_t process, int field),
                   int field, struct fold *fold);
void fold_fini(struct fold *fold);

#endif
