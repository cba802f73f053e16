/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/parallel_task.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLURM_RANK "SLURM_PROCID"

/* Open MPI and PRRTE; PMIx; MPICH's Hydra and whatever else speaks PMI; srun. */
const char *const parallel_task_rank_variables[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK",
                                                    SLURM_RANK, NULL};

/* Of the task among those of its node: Open MPI, Hydra and Intel MPI, MVAPICH, Cray's PMI, srun. */
static const char *const local_rank_variables[] = {
	"OMPI_COMM_WORLD_LOCAL_RANK",
	"MPI_LOCALRANKID",
	"MV2_COMM_WORLD_LOCAL_RANK",
	"PMI_LOCAL_RANK",
	"SLURM_LOCALID",
	NULL,
};

/* Variables that are empty are none. */
static const char *find(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static const char *find_first(const char *const *names)
{
	const char *value = NULL;

	for (; *names && !value; names++)
		value = find(*names);
	return value;
}

const char *parallel_task_rank(void)
{
	return find_first(parallel_task_rank_variables);
}

/* Steps of srun's have the number of their tasks; that of the batch script has none. */
static bool is_batch_script(void)
{
	return !find("SLURM_STEP_NUM_TASKS");
}

bool parallel_task_is_one(void)
{
	for (const char *const *name = parallel_task_rank_variables; *name; name++) {
		if (find(*name))
			return strcmp(*name, SLURM_RANK) != 0 || !is_batch_script();
	}
	return false;
}

char *parallel_task_job(void)
{
	static const char *const others[] = {"PBS_JOBID", "LSB_JOBID", "OAR_JOB_ID", NULL};
	const char *job = find("ALUMET_JOB_ID");
	const char *slurm = find("SLURM_JOB_ID"), *step = find("SLURM_STEP_ID");
	char *name;

	if (!job && slurm && step)
		return asprintf(&name, "%s.%s", slurm, step) < 0 ? NULL : name;
	if (!job)
		job = slurm ? slurm : find_first(others);
	return job ? strdup(job) : NULL;
}

bool parallel_task_is_first_of_node(void)
{
	const char *local = parallel_task_is_one() ? find_first(local_rank_variables) : NULL;

	return !local || strcmp(local, "0") == 0;
}
