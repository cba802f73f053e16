/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The agent as a task of a parallel job, started by a launcher (mpirun, mpiexec, srun). Each call
 * reads the launcher's environment variables.
 */
#ifndef CORE_PARALLEL_TASK_H
#define CORE_PARALLEL_TASK_H

#include <stdbool.h>

/*
 * The rank among all tasks, as the launcher set it; it need not be a number. NULL: unset. The MPI
 * library's takes precedence: in a batch job, mpirun runs in a Slurm step, which has a rank too.
 */
const char *parallel_task_rank(void);

/* The environment variables with the rank, in order of precedence, NULL at the end. */
extern const char *const parallel_task_rank_variables[];

/*
 * Whether a launcher started the agent as a task of a job. A Slurm batch script does not count: it
 * has a rank too, but runs only once.
 */
bool parallel_task_is_one(void);

/*
 * Whether the command starts the tasks of a job on this machine: mpirun, mpiexec, or a daemon that
 * these or Slurm run on each node. Goes by its file name: "/usr/bin/mpirun.openmpi".
 */
bool parallel_task_is_launcher(const char *command);

/* The job, from ALUMET_JOB_ID, Slurm, PBS, LSF or OAR; NULL: unknown. */
const char *parallel_task_job(void);

/*
 * The Slurm step of the task; NULL: none. Tasks of Open MPI have none: their SLURM_STEP_ID is that
 * of mpirun's daemons, which run in a step on every node but the first.
 */
const char *parallel_task_step(void);

/* The node's name in Slurm; NULL: this is not a task of Slurm. */
const char *parallel_task_node(void);

/*
 * The rank among the tasks of the node; NULL: this is not a task, or its launcher does not set it.
 */
const char *parallel_task_local_rank(void);

/*
 * Whether the agent is the first task of its node, which reports what belongs to the whole machine.
 * Also true if the agent is not a task, or its launcher does not tell.
 */
bool parallel_task_is_first_of_node(void);

/* A host name with its NUL: __NEW_UTS_LEN + 1. */
#define PARALLEL_TASK_HOST_SIZE 65

/*
 * Write the host name to host and return it. Rows of a task about its whole node need it. NULL: the
 * agent is not a task, so that such rows do not need it.
 */
const char *parallel_task_host(char host[PARALLEL_TASK_HOST_SIZE]);

#endif
