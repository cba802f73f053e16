// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sched_process_exit, while tasks are adopted by their ancestors. Soon after this hook, the
 * children of a task that ends get another parent (exit_notify() in kernel/exit.c), and no trace of
 * the old one is left. The iterator would miss the children that it has not visited yet. Therefore,
 * a member that ends marks its children.
 */
#include "adopt.h"

#include <bpf/bpf_tracing.h>

/* A task with more children that ends during the adoption may lose some; that is counted. */
#define CHILDREN_MAX (SINCE_6_1 ? 65536 : 128)

struct child_walk {
	struct list_head *head, *position;
	struct orphan orphan;
};

/* A child in the list is the first task of a process. */
STEP(mark_child, struct child_walk)
{
	struct list_head *position = walk->position;
	struct task_struct *child;
	__u64 key;

	if (!position || position == walk->head)
		return 1;
	child = (void *)position - bpf_core_field_offset(struct task_struct, sibling);
	key = (__u64)child;
	walk->orphan.start_ns = BPF_CORE_READ(child, start_time);
	if (bpf_map_update_elem(&orphans, &key, &walk->orphan, BPF_ANY))
		count_loss(&run.losses.tasks);
	walk->position = BPF_CORE_READ(position, next);
	return 0;
}

/*
 * Mark the children that the thread has created, or has inherited from another thread of its
 * process.
 */
static __always_inline void mark_children(struct task_struct *task, struct child_walk *walk)
{
	struct list_head *head = (void *)task + bpf_core_field_offset(struct task_struct, children);

	walk->head = head;
	walk->position = BPF_CORE_READ(head, next);
	REPEAT(CHILDREN_MAX, mark_child, walk);
	if (walk->position && walk->position != walk->head)
		count_loss(&run.losses.tasks);
}

/*
 * Another thread of the process may be in execve(), and will take over the pid, which the iterator
 * has passed already.
 */
static __always_inline bool may_be_replaced(struct task_struct *task, struct task_struct *leader)
{
	return task == leader && BPF_CORE_READ(task, signal, nr_threads) > 1;
}

static __always_inline int leave_children(enum watch_kind kind)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	__u64 key = (__u64)task;
	struct task_record *account;
	struct child_walk walk = {};

	if (!run.adopting)
		return 0;
	account = bpf_map_lookup_elem(&tasks, &key);
	walk.orphan.target = account ? account->target : find_target(task, kind);
	if (walk.orphan.target == NO_TARGET)
		return 0;
	if (may_be_replaced(task, leader))
		run.is_unsure = 1;
	walk.orphan.parent.pid = number_in_namespace(leader, is_nested(kind));
	walk.orphan.parent.start_ns = BPF_CORE_READ(leader, start_time);
	mark_children(task, &walk);
	__sync_fetch_and_add(&run.orphaned, 1);
	return 0;
}

SEC("raw_tp/sched_process_exit")
int BPF_PROG(on_exit)
{
	return leave_children(WATCH_TREE);
}

SEC("raw_tp/sched_process_exit")
int BPF_PROG(on_exit_any)
{
	return leave_children(WATCH_ANY);
}

/* For watches in which parents do not matter. */
SEC("raw_tp/sched_process_exit")
int BPF_PROG(on_exit_leader)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (run.adopting && may_be_replaced(task, BPF_CORE_READ(task, group_leader)))
		run.is_unsure = 1;
	return 0;
}
