/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/rank_tree.h"

#include <errno.h>

#include "core/text.h"

/*
 * Keys of hosts and ranks. They count down from UINT64_MAX, those of processes up from 1, so that
 * they never meet.
 */
static struct process_key host_key(uint32_t host)
{
	return (struct process_key){1, UINT64_MAX - host};
}

static struct process_key rank_key(uint32_t rank)
{
	return (struct process_key){2, UINT64_MAX - rank};
}

void rank_tree_place(const struct report_jobs *jobs, const struct report_data *data, size_t i,
                     struct life *life)
{
	const struct report_process *process = &data->processes[i];
	const uint32_t rank = jobs->rank_of[i];

	life->key = (struct process_key){process->pid, i + 1};
	life->is_root = false;
	if (process->parent != NO_PROCESS && jobs->rank_of[process->parent] == rank)
		life->parent = (struct process_key){data->processes[process->parent].pid,
		                                    (uint64_t)process->parent + 1};
	else
		life->parent = rank == NO_RANK ? host_key(jobs->host_of_run[process->run])
		                               : rank_key(rank);
}

static int add_group(struct tree *tree, const char *kind, const struct report_text *name,
                     const struct tree_group *group)
{
	struct text text = {.data = NULL};
	struct tree_group named = *group;
	int err;

	text_add_string(&text, kind);
	text_add(&text, name->bytes, name->n + 1);
	named.name = text.data;
	err = text.failed ? -ENOMEM : tree_add_group(tree, &named);
	text_fini(&text);
	return err;
}

int rank_tree_add(struct tree *tree, const struct report_job *job)
{
	int err = 0;

	for (uint32_t i = 0; i < job->n_ranks && !err; i++) {
		const struct report_rank *rank = &job->ranks[i];
		const struct tree_group group = {.key = rank_key(i),
		                                 .parent = host_key(rank->host),
		                                 .begin_ns = rank->begin_ns,
		                                 .end_ns = rank->end_ns};

		err = add_group(tree, "rank ", rank->name, &group);
	}
	for (uint32_t i = 0; i < job->n_hosts && !err; i++) {
		const struct report_host *host = &job->hosts[i];
		const struct tree_group group = {.key = host_key(i),
		                                 .begin_ns = host->begin_ns,
		                                 .end_ns = host->end_ns};

		if (host->processes > 0)
			err = add_group(tree, "", host->name, &group);
	}
	return err;
}
