// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the agent runs (BPF_PROG_TEST_RUN) just before it creates the command's process: its next
 * child is the command. Most runs have on_newtask do this: see newtask_arms() in
 * src/sources/perf/bpf/loading.c.
 */
#include "maps.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* Note the user from whom programs that he may not observe are hidden. */
static __always_inline void note_observer(__u64 task)
{
	const struct cred *cred = BPF_CORE_READ((struct task_struct *)task, real_cred);

	run.observer.user_namespace = (__u64)BPF_CORE_READ(cred, user_ns);
	run.observer.uid = BPF_CORE_READ(cred, uid.val);
	run.observer.gid = BPF_CORE_READ(cred, gid.val);
}

/* Note the pid namespace of the agent, in which pids are numbered. */
static __always_inline void note_namespace(__u64 task)
{
	struct pid *pid = BPF_CORE_READ((struct task_struct *)task, thread_pid);
	struct upid *upid;

	run.agent_level = BPF_CORE_READ(pid, level);
	upid = (void *)pid + bpf_core_field_offset(struct pid, numbers) +
	       run.agent_level * bpf_core_type_size(struct upid);
	run.agent_namespace = (__u64)BPF_CORE_READ(upid, ns);
}

static __always_inline int arm(__u64 task)
{
	if (RUN_HAS(restricted))
		note_observer(task);
	/* In a watch no child of the agent is the command. */
	run.agent_task = RUN_HAS(watches) ? 0 : task;
	return 0;
}

SEC("raw_tp/not_attached")
int BPF_PROG(on_arm)
{
	return arm(bpf_get_current_task());
}

/*
 * Instead of on_arm when the agent is in a pid namespace of its own. It is a separate program
 * because of the types that it names: the kernel caches where it has found a type in one of 31
 * slots, by a hash of the name. pid and task_delay_info (fields.h) have the same slot, and two
 * programs that evict each other's type make the kernel search its 100 000 types again, more than
 * half a millisecond for each (check_cand_cache() in kernel/bpf/btf.c).
 */
SEC("raw_tp/not_attached")
int BPF_PROG(on_arm_ns)
{
	__u64 task = bpf_get_current_task();

	note_namespace(task);
	return arm(task);
}
