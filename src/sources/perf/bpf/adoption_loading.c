/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/adoption_loading.h"

#include <stddef.h>
#include <string.h>

#include "sources/perf/bpf/loading.h"

struct run_config adoption_config(const struct programs_request *request, const struct watch *watch)
{
	struct run_config config = loading_config(request);

	config.watch_all = watch->all;
	config.by_cgroup = watch->n_cgroups > 0;
	config.hierarchy = watch->hierarchy;
	return config;
}

bool adoption_needs(const struct run_config *config, const char *program)
{
	/* The usual programs do not support these: see enum watch_kind in bpf/watch/members.h. */
	const bool any = config->nested || config->restricted;
	const bool by_cgroup = config->by_cgroup;
	const bool by_parents = !by_cgroup && !config->watch_all;
	const struct {
		const char *program;
		bool is_needed;
	} choices[] = {
		{"on_task", !any && !by_cgroup},
		{"on_new_watch", !any && !by_cgroup},
		{"on_exit", !any && by_parents},
		{"on_task_cgroup", !any && by_cgroup},
		{"on_new_cgroup", !any && by_cgroup},
		{"on_attach", !any && by_cgroup},
		{"on_task_any", any},
		{"on_new_any", any},
		{"on_exit_any", any && by_parents},
		{"on_attach_any", any && by_cgroup},
		{"on_exit_leader", !by_parents},
	};

	for (size_t i = 0; i < sizeof(choices) / sizeof(*choices); i++) {
		if (strcmp(program, choices[i].program) == 0)
			return choices[i].is_needed;
	}
	return true;
}

uint32_t adoption_roots(const struct watch *watch)
{
	return watch->n_pids ? (uint32_t)watch->n_pids : 1;
}

uint32_t adoption_cgroup_roots(const struct watch *watch)
{
	return watch->n_cgroups ? (uint32_t)watch->n_cgroups : 1;
}

uint32_t adoption_adoptees(const struct programs_request *request)
{
	return request->cpus_n + 2;
}
