/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/parallel_task.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define OPEN_MPI_RANK "OMPI_COMM_WORLD_RANK"
#define SLURM_RANK "SLURM_PROCID"

/* Set by Open MPI and PRRTE; PMIx; MPICH's Hydra and other PMI launchers; srun. */
const char *const parallel_task_rank_variables[] = {OPEN_MPI_RANK, "PMIX_RANK", "PMI_RANK",
                                                    SLURM_RANK, NULL};

/* The rank within the node: Open MPI, Hydra and Intel MPI, MVAPICH, Cray's PMI, srun. */
static const char *const local_rank_variables[] = {
	"OMPI_COMM_WORLD_LOCAL_RANK",
	"MPI_LOCALRANKID",
	"MV2_COMM_WORLD_LOCAL_RANK",
	"PMI_LOCAL_RANK",
	"SLURM_LOCALID",
	NULL,
};

/* An empty variable counts as unset. */
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

/* srun sets the number of tasks of its steps; the step of the batch script has none. */
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

bool parallel_task_is_launcher(const char *command)
{
	/* Open MPI 4 and 5, PRRTE; MPICH and Intel MPI; Slurm. */
	static const char *const names[] = {"mpirun",          "mpiexec",
	                                    "orterun",         "orted",
	                                    "prterun",         "prted",
	                                    "hydra_pmi_proxy", "hydra_bstrap_proxy",
	                                    "slurmd",          "slurmstepd"};
	const char *slash = strrchr(command, '/');
	const char *name = slash ? slash + 1 : command;
	const size_t n = strcspn(name, ".");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) == n && strncmp(name, names[i], n) == 0)
			return true;
	}
	return false;
}

const char *parallel_task_job(void)
{
	static const char *const names[] = {"ALUMET_JOB_ID", "SLURM_JOB_ID", "PBS_JOBID",
	                                    "LSB_JOBID",     "OAR_JOB_ID",   NULL};

	return find_first(names);
}

const char *parallel_task_step(void)
{
	return find(OPEN_MPI_RANK) ? NULL : find("SLURM_STEP_ID");
}

const char *parallel_task_node(void)
{
	return find("SLURMD_NODENAME");
}

const char *parallel_task_local_rank(void)
{
	return parallel_task_is_one() ? find_first(local_rank_variables) : NULL;
}

bool parallel_task_is_first_of_node(void)
{
	const char *local = parallel_task_local_rank();

	return !local || strcmp(local, "0") == 0;
}

const char *parallel_task_host(char host[PARALLEL_TASK_HOST_SIZE])
{
	struct utsname names;

	if (!parallel_task_is_one() || uname(&names) != 0)
		return NULL;
	snprintf(host, PARALLEL_TASK_HOST_SIZE, "%s", names.nodename);
	return host;
}
