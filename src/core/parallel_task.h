/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The task of a parallel job that the agent is, by the environment that its launcher gave it: mpirun,
 * mpiexec, srun. What is said below is read from the environment at each call.
 */
#ifndef CORE_PARALLEL_TASK_H
#define CORE_PARALLEL_TASK_H

#include <stdbool.h>

/*
 * The rank among all tasks as the launcher wrote it, which may be no number; NULL: none is set. The
 * MPI library's comes first: in a batch job mpirun runs in a step of Slurm's that has a rank, too.
 */
const char *parallel_task_rank(void);

/* The names of its variables, in their order, NULL at the end. */
extern const char *const parallel_task_rank_variables[];

/*
 * Whether a launcher started the agent as one of the tasks of a job: a batch script of Slurm's has a
 * rank, too, but there is one of it only.
 */
bool parallel_task_is_one(void);

/*
 * "JOB.STEP", "JOB", or NULL where no batch system says: ALUMET_JOB_ID, Slurm's, PBS's, LSF's, OAR's.
 * To be freed; NULL also when memory has run out.
 */
char *parallel_task_job(void);

/*
 * Whether the agent is the first task of its node, or none of a job: the one whose rows have what
 * belongs to the whole machine. True when the launcher does not say.
 */
bool parallel_task_is_first_of_node(void);

#endif
