// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sched_wakeup_new in a watch: the same as in bpf/tree.bpf.c. While tasks are adopted, the creator
 * may have to be adopted first.
 */
#include "adopt.h"

#include <bpf/bpf_tracing.h>

/* The creator runs on this CPU: its perf events count from here. */
static __always_inline bool adopt_creator(__u64 creator, enum watch_kind kind)
{
	struct task_struct *task = (void *)creator;
	__u32 target = find_target(task, kind);

	if (target == NO_TARGET)
		return false;
	/* The iterator may have adopted it meanwhile. */
	if (!adopt(candidate_of(task), target, bpf_get_smp_processor_id(), kind))
		return bpf_map_lookup_elem(&tasks, &creator) != NULL;
	take_base(creator);
	return true;
}

static __always_inline int follow(struct task_struct *task, enum watch_kind kind)
{
	__u64 creator_key = bpf_get_current_task();
	struct task_record *account, *creator;

	if (!bpf_map_lookup_elem(&tasks, &creator_key) &&
	    !(run.adopting && adopt_creator(creator_key, kind))) {
		/* Whom an outsider creates in the agent's pid namespace comes alone. */
		if (!is_nested(kind) || !is_one_of_all(task, kind))
			return 0;
		creator_key = (__u64)task;
	}
	account = open_account(task, is_nested(kind), BPF_NOEXIST);
	creator = bpf_map_lookup_elem(&tasks, &creator_key);
	/* No account: the iterator has adopted the task meanwhile. */
	if (!account || !creator)
		return 0;
	account->target = creator->target;
	begin_account(account, task, creator, is_nested(kind));
	return 0;
}

/*
 * If cgroups are watched, the cgroup of the new task decides, not its creator. If the creator of a
 * thread is not in the map, the thread was moved in with its process, and is adopted itself.
 */
static __always_inline int follow_in_cgroup(struct task_struct *task, enum watch_kind kind)
{
	__u64 creator_key = bpf_get_current_task();
	__u32 target = target_of_newcomer(task, kind);
	struct task_record *account, *creator;

	if (target == NO_TARGET)
		return 0;
	if (!bpf_map_lookup_elem(&tasks, &creator_key)) {
		if (BPF_CORE_READ(task, group_leader) != task) {
			adopt(candidate_of(task), target, bpf_get_smp_processor_id(), kind);
			return 0;
		}
		/* Its own blank account stands in for the creator's. */
		creator_key = (__u64)task;
	}
	account = open_account(task, is_nested(kind), BPF_NOEXIST);
	creator = bpf_map_lookup_elem(&tasks, &creator_key);
	if (!account || !creator)
		return 0;
	account->target = target;
	begin_account(account, task, creator, is_nested(kind));
	return 0;
}

SEC("raw_tp/sched_wakeup_new")
int BPF_PROG(on_new_watch, struct task_struct *task)
{
	return follow(task, WATCH_TREE);
}

SEC("raw_tp/sched_wakeup_new")
int BPF_PROG(on_new_cgroup, struct task_struct *task)
{
	return follow_in_cgroup(task, WATCH_CGROUP);
}

SEC("raw_tp/sched_wakeup_new")
int BPF_PROG(on_new_any, struct task_struct *task)
{
	return config.by_cgroup ? follow_in_cgroup(task, WATCH_ANY) : follow(task, WATCH_ANY);
}
