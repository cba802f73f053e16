// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cgroup_attach_task: a process, or a thread in cgroup v1, was moved into a cgroup. A task that
 * enters a watched cgroup is adopted at once. Its other threads, and tasks that leave, are handled
 * by the iterator, which the agent runs when it gets the record of the move. The kernel makes one
 * move at a time (cgroup_mutex).
 */
#include "adopt.h"

#include <bpf/bpf_tracing.h>

static __always_inline int follow_move_in(struct task_struct *task, enum watch_kind kind)
{
	struct record_header moved = {.type = RECORD_MOVED, .size = sizeof(moved)};
	__u32 target = target_of_newcomer(task, kind);
	__u64 key = (__u64)task;
	bool is_known = bpf_map_lookup_elem(&tasks, &key) != NULL;

	if (target == NO_TARGET && !is_known)
		return 0;
	if (!is_known && !(BPF_CORE_READ(task, flags) & PF_EXITING) &&
	    adopt(candidate_of(task), target, config.cpus_n + 1, kind) &&
	    will_be_closed(task, key) && is_on_cpu(task))
		forget_switch_in(key);
	/* If the ring is full, the agent is awake already, and sees the number. */
	__sync_fetch_and_add(&run.moves, 1);
	submit(&moved, sizeof(moved), 1);
	return 0;
}

SEC("raw_tp/cgroup_attach_task")
int BPF_PROG(on_attach, struct cgroup *cgroup, const char *path, struct task_struct *task)
{
	return follow_move_in(task, WATCH_CGROUP);
}

SEC("raw_tp/cgroup_attach_task")
int BPF_PROG(on_attach_any, struct cgroup *cgroup, const char *path, struct task_struct *task)
{
	return follow_move_in(task, WATCH_ANY);
}
