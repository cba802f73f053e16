// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The task iterator (Linux 5.8, kernel/bpf/task_iter.c): adopts each task of the agent's pid
 * namespace that belongs to the watched set, and writes an adopted_record for it. There is one
 * program for each kind of watch.
 */
#include "adopt.h"

#include <bpf/bpf_tracing.h>

static __always_inline bool report(struct seq_file *seq, __u64 key, struct task_record *account,
                                   __u32 flags)
{
	struct adopted_record record = {
		.process = account->process,
		.parent = account->parent,
		.token = account->token,
		.time_ns = account->adopted_ns,
		.start_ns = account->start_ns,
		.tid = account->tid,
		.flags = account->flags | flags,
		.target = account->target,
		.task = key,
	};

	__builtin_memcpy(record.comm, account->comm, sizeof(record.comm));
	__builtin_memcpy(record.birth_comm, account->birth_comm, sizeof(record.birth_comm));
	/* If the buffer is full, the kernel calls the program again for the same task. */
	if (!bpf_seq_write(seq, &record, sizeof(record)))
		account->reported = 1;
	else
		return false;
	return true;
}

/*
 * Report a task that has an account but has left the watched cgroups. The account leaves the map at
 * the task's next switch-out, on its own CPU. Returns whether the task has left.
 */
static __always_inline bool follow_move(struct seq_file *seq, struct task_struct *task, __u64 key,
                                        struct task_record *account)
{
	bool belongs = target_of_cgroup(task) != NO_TARGET;

	if (account->left && belongs)
		run.left_is_back = 1;
	if (account->left)
		return true;
	if (belongs || BPF_CORE_READ(task, flags) & PF_EXITING)
		return false;
	if (report(seq, key, account, TASK_LEFT)) {
		account->left = 1;
		__sync_fetch_and_add(&run.left, 1);
	}
	return true;
}

static __always_inline int visit(struct seq_file *seq, struct candidate of, enum watch_kind kind)
{
	struct task_struct *task = of.task;
	__u64 key = (__u64)task;
	struct task_record *account = bpf_map_lookup_elem(&tasks, &key);
	__u32 target, state;

	if (!account) {
		/* sched_wakeup_new handles a task that is not on a run queue yet. */
		state = SINCE_6_1 ? READ_CANDIDATE(of, __state) : state_of(task);
		if (state & TASK_NEW || READ_CANDIDATE(of, flags) & PF_EXITING)
			return 0;
		target = find_target(task, kind);
		if (target == NO_TARGET)
			return 0;
		if (adopt(of, target, config.cpus_n, kind)) {
			if (!will_be_closed(task, key))
				return 0;
			if (is_on_cpu(task))
				forget_switch_in(key);
		}
		/* Another program may have adopted it meanwhile; the report is due here. */
		account = bpf_map_lookup_elem(&tasks, &key);
	}
	if (account && is_by_cgroup(kind) && follow_move(seq, task, key, account))
		return 0;
	if (account && account->flags & TASK_ADOPTED && !account->reported)
		report(seq, key, account, 0);
	return 0;
}

static __always_inline int visit_next(struct bpf_iter__task *ctx, enum watch_kind kind)
{
	struct seq_file *seq = ctx->meta->seq;
	struct candidate of = {.typed = ctx->task, .is_typed = true};

	bpf_probe_read_kernel(&of.task, sizeof(of.task), &ctx->task);
	if (!of.typed || !of.task)
		return 0;
	return visit(seq, of, kind);
}

SEC("iter/task")
int on_task(struct bpf_iter__task *ctx)
{
	return visit_next(ctx, WATCH_TREE);
}

SEC("iter/task")
int on_task_cgroup(struct bpf_iter__task *ctx)
{
	return visit_next(ctx, WATCH_CGROUP);
}

SEC("iter/task")
int on_task_any(struct bpf_iter__task *ctx)
{
	return visit_next(ctx, WATCH_ANY);
}
