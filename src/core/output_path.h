/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Placeholders in the path of an output file, so that the tasks of a parallel job do not write to
 * the same file:
 *   %h  the host name
 *   %p  the agent's pid
 *   %t  the start time, in UTC, as ISO 8601's basic format: 20240514T212849Z
 *   %r  the rank of the task: OMPI_COMM_WORLD_RANK, PMIX_RANK, PMI_RANK or SLURM_PROCID, the first
 *       one set
 *   %j  the job: ALUMET_JOB_ID, SLURM_JOB_ID, PBS_JOBID, LSB_JOBID or OAR_JOB_ID
 *   %s  the Slurm step
 *   %n  the node's name in Slurm; without Slurm, the host name
 *   %%  a percent sign
 */
#ifndef CORE_OUTPUT_PATH_H
#define CORE_OUTPUT_PATH_H

#include <stdint.h>
#include <sys/types.h>

struct output_path_facts {
	const char *host;
	pid_t pid;
	uint64_t start_ns;             /* CLOCK_REALTIME */
	const char *rank;              /* NULL: no launcher has set one */
	const char *job, *step, *node; /* NULL: no batch system has set them */
};

/*
 * Expand the pattern into *path, which the caller frees. Returns 0, -EINVAL for a placeholder that
 * is unknown or has no value here, or -ENOMEM. Errors are logged.
 */
int output_path_expand(const char *pattern, const struct output_path_facts *facts, char **path);

/* The same for this process and the current time. */
int output_path_expand_here(const char *pattern, char **path);

/*
 * The default path of an output. In a task of a parallel job, job and step (if known) and rank are
 * inserted before the extension: "name-1234.0-3.csv"; otherwise it is the name itself. Returns 0
 * and *path, which the caller frees, or -ENOMEM, logged.
 */
int output_path_of_task(const char *name, char **path);

/*
 * For struct setting_values.problem: what is wrong with a pattern that is empty or has an unknown
 * placeholder; NULL: nothing.
 */
const char *output_path_problem(const void *field);

#endif
