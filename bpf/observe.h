/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether the agent's user may observe a program, checked at each exec of a run whose user lacks
 * the agent's privileges. The rule is the kernel's own for ptrace and for a user's own perf events
 * (kernel/ptrace.c, __ptrace_may_access(); security/commoncap.c, cap_ptrace_access_check()): all
 * ids of the task are the user's, it has no capability that the user lacks, and its program is
 * dumpable; or the user owns the user namespace that it is in.
 */
#ifndef BPF_OBSERVE_H
#define BPF_OBSERVE_H

#include "maps.h"

#include <bpf/bpf_core_read.h>

/* SUID_DUMP_USER of include/linux/sched/coredump.h, until 7.1. */
#define DUMPABLE_BY_USER 1
#define DUMPABLE_MASK 3

/* A user namespace has at most 32 ancestors (kernel/user_namespace.c, create_user_ns()). */
#define USER_NAMESPACE_LEVELS 33

/* The first word of mm->flags, whose type has changed. */
static __always_inline __u64 memory_flags(struct mm_struct *mm)
{
	struct mm_struct___since_6_18 *newer = (void *)mm;
	__u64 flags = 0;

	if (bpf_core_field_exists(mm->flags))
		return BPF_CORE_READ(mm, flags);
	if (bpf_core_field_exists(newer->flags))
		bpf_probe_read_kernel(
			&flags, sizeof(flags),
			(void *)mm + bpf_core_field_offset(struct mm_struct___since_6_18, flags));
	return flags;
}

static __always_inline bool is_dumpable(struct task_struct *task)
{
	struct task_struct___since_7_2 *newer = (void *)task;

	if (bpf_core_field_exists(newer->exec_state))
		return BPF_CORE_READ(newer, exec_state, dumpable) == TASK_DUMPABLE_OWNER;
	return (memory_flags(BPF_CORE_READ(task, mm)) & DUMPABLE_MASK) == DUMPABLE_BY_USER;
}

/* The namespace that must be the user's for a program that is not dumpable. */
static __always_inline struct user_namespace *program_namespace(struct task_struct *task)
{
	struct task_struct___since_7_2 *newer = (void *)task;

	if (bpf_core_field_exists(newer->exec_state))
		return BPF_CORE_READ(newer, exec_state, user_ns);
	return BPF_CORE_READ(task, mm, user_ns);
}

/*
 * Whether the namespace, or one that it is in, was made by the user in the agent's own: then the
 * user has every capability there (security/commoncap.c, cap_capable()).
 */
static __always_inline bool owns_namespace(struct user_namespace *namespace)
{
	__u32 level;

#pragma clang loop unroll(disable)
	for (level = 0; level < USER_NAMESPACE_LEVELS; level++) {
		struct user_namespace *parent = BPF_CORE_READ(namespace, parent);

		if (!parent)
			return false;
		if ((__u64)parent == run.observer.user_namespace)
			return BPF_CORE_READ(namespace, owner.val) == run.observer.uid;
		namespace = parent;
	}
	return false;
}

static __always_inline bool has_ids_of_user(const struct cred *cred)
{
	__u32 uid = run.observer.uid, gid = run.observer.gid;

	return BPF_CORE_READ(cred, uid.val) == uid && BPF_CORE_READ(cred, suid.val) == uid &&
	       BPF_CORE_READ(cred, euid.val) == uid && BPF_CORE_READ(cred, gid.val) == gid &&
	       BPF_CORE_READ(cred, sgid.val) == gid && BPF_CORE_READ(cred, egid.val) == gid;
}

static __always_inline bool has_capabilities(const struct cred *cred)
{
	__u64 permitted = ~0ULL;

	/* Two numbers of 32 bits until 6.2, one of 64 since. */
	bpf_probe_read_kernel(&permitted, sizeof(permitted),
	                      (void *)cred + bpf_core_field_offset(struct cred, cap_permitted));
	return permitted;
}

/* Of a task that has just executed a program. What cannot be read is not permitted. */
static __always_inline bool user_may_observe(struct task_struct *task)
{
	const struct cred *cred = BPF_CORE_READ(task, real_cred);
	struct user_namespace *namespace = BPF_CORE_READ(cred, user_ns);

	if ((__u64) namespace != run.observer.user_namespace)
		return owns_namespace(namespace) &&
		       (is_dumpable(task) || owns_namespace(program_namespace(task)));
	return has_ids_of_user(cred) && !has_capabilities(cred) && is_dumpable(task);
}

#endif
