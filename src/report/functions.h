/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Functions below the processes of the folded tree: samples determine how the value of a process is
 * distributed over its functions.
 */
#ifndef REPORT_FUNCTIONS_H
#define REPORT_FUNCTIONS_H

#include "report/fold.h"

/* A function below a node of the fold. */
struct report_function {
	uint32_t node;  /* of the fold */
	uint32_t frame; /* of the data */
	double value;   /* of the function itself, without its callees */
};

/* Order by node, then frame; for qsort() and bsearch(). */
int report_function_compare(const void *a, const void *b);

struct report_functions {
	size_t n;
	struct report_function *functions; /* by node, then frame; each pair once */
	double *rest; /* by node: the part of its value that belongs to no function */
};

/*
 * Distribute the values of a fold: each process's value by the weights of its samples, energy by
 * their prices if known. The functions of a node and its rest add up to its value. Without samples,
 * all is rest. Returns 0 or -ENOMEM.
 */
int report_functions_make(const struct report_data *data, int field, const struct fold *fold,
                          struct report_functions *functions);
/*
 * The same for the numbers of samples in place of values; there is no rest. Returns 0 or -ENOMEM.
 */
int report_functions_count(const struct report_data *data, const struct fold *fold,
                           struct report_functions *functions);
void report_functions_fini(struct report_functions *functions);

#endif
