/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What stands for something else in the path of an output file, so that the tasks of a parallel job
 * do not write to the same one:
 *   %h  the host's name
 *   %p  the agent's pid
 *   %t  the start time, in UTC, as ISO 8601's basic format: 20240514T212849Z
 *   %r  the rank of the task: OMPI_COMM_WORLD_RANK, PMIX_RANK, PMI_RANK or SLURM_PROCID, the first
 *       one set
 *   %%  a percent sign
 */
#ifndef CORE_OUTPUT_PATH_H
#define CORE_OUTPUT_PATH_H

#include <stdint.h>
#include <sys/types.h>

struct output_path_facts {
	const char *host;
	pid_t pid;
	uint64_t start_ns; /* CLOCK_REALTIME */
	const char *rank;  /* NULL: no launcher has set one */
};

/*
 * The path of the pattern in *path, to be freed by the caller.
 * Returns 0; -EINVAL for an unknown %x, or %r without a usable rank; -ENOMEM. Told to the user.
 */
int output_path_expand(const char *pattern, const struct output_path_facts *facts, char **path);

/* The same with the facts of this process and of now. */
int output_path_expand_here(const char *pattern, char **path);

/*
 * The path of a name that nobody chose: in a task of a parallel job with the job, if it is known, and
 * the rank before its ending, "name-1234.0-3.csv"; elsewhere the name itself. Returns 0, *path to be
 * freed by the caller, or -ENOMEM, told to the user.
 */
int output_path_of_task(const char *name, char **path);

/* struct setting_values.problem of such a pattern: empty, or with an unknown %x. */
const char *output_path_problem(const void *field);

#endif
