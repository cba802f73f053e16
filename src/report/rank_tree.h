/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One tree over the hosts and ranks of a job: processes are below their ranks, and ranks below
 * their hosts.
 */
#ifndef REPORT_RANK_TREE_H
#define REPORT_RANK_TREE_H

#include "alumet/life.h"
#include "report/jobs.h"
#include "tree/tree.h"

/*
 * Place process i below its parent if both have the same rank, else below its rank or host. Keys
 * differ from those of a single run, because several hosts may have the same pids.
 */
void rank_tree_place(const struct report_jobs *jobs, const struct report_data *data, size_t i,
                     struct life *life);

/* After the last process: add the hosts and ranks as parents. Returns 0 or -ENOMEM. */
int rank_tree_add(struct tree *tree, const struct report_job *job);

#endif
