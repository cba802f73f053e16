/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which tasks belong to the watched set: those of a named process, its descendants, or those in a
 * cgroup.
 */
#ifndef BPF_WATCH_MEMBERS_H
#define BPF_WATCH_MEMBERS_H

#include "bpf/accounts.h"
#include "bpf/fields.h"

#include <bpf/bpf_core_read.h>

/* Processes to watch, by pid in the agent's namespace. */
struct roots_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct watch_root);
};
extern struct roots_map roots SEC(".maps");

/* Cgroups to watch with their descendants: index of the target. */
struct cgroup_roots_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64); /* kernfs_node.id */
	__type(value, __u32);
};
extern struct cgroup_roots_map cgroup_roots SEC(".maps");

/*
 * A process that has lost its parent while tasks were adopted. The parent was a member, or would
 * have been found to be one. The key is the address of the process's first task.
 */
struct orphan {
	__u64 start_ns; /* of that task, whose address may be reused */
	struct process_id parent;
	__u32 target;
	__u32 pad;
};
struct orphans_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct orphan);
};
extern struct orphans_map orphans SEC(".maps");

/*
 * Deeper descendants are found in the next pass of the iterator, when their ancestors are in the
 * map.
 */
#define ANCESTORS_MAX 32

#define NO_TARGET (~0U)

/*
 * The kinds of programs. The usual kinds omit what they do not need, including whole kernel types:
 * see on_arm_ns in bpf/arm.bpf.c.
 */
enum watch_kind {
	WATCH_TREE,   /* process trees, or all; the agent is root, in the initial pid namespace */
	WATCH_CGROUP, /* the same for cgroups */
	WATCH_ANY,    /* everything that the configuration may need */
};

static __always_inline bool is_by_cgroup(enum watch_kind kind)
{
	return kind == WATCH_CGROUP || (kind == WATCH_ANY && config.by_cgroup);
}

static __always_inline bool is_nested(enum watch_kind kind)
{
	return kind == WATCH_ANY && config.nested;
}

static __always_inline bool is_restricted(enum watch_kind kind)
{
	return kind == WATCH_ANY && config.restricted;
}

/*
 * Call step(index, walk) up to n times, until it returns 1. Linux 5.17 and newer have a helper for
 * this, with which the verifier checks the step once. Before, it checks each of the n iterations.
 * STEP defines such a step.
 */
#if SINCE_6_1
#define STEP(name, type) static __attribute__((noinline)) long name(__u32 i, type *walk)
#define REPEAT(n, step, walk) bpf_loop(n, step, walk, 0)
#else
#define STEP(name, type) static __always_inline long name(__u32 i, type *walk)
#define REPEAT(n, step, walk)                                                                      \
	do {                                                                                       \
		_Pragma("clang loop unroll(disable)") for (__u32 repeat_i = 0; repeat_i < (n);     \
		                                           repeat_i++)                             \
		{                                                                                  \
			if (step(repeat_i, walk))                                                  \
				break;                                                             \
		}                                                                                  \
	} while (0)
#endif

/* Limits of the number of hierarchies, and of the depth of a cgroup. */
#define HIERARCHIES_MAX 32
#define CGROUP_LEVELS_MAX 32

static __always_inline __u32 state_of(struct task_struct *task)
{
	struct task_struct___before_5_14 *old = (void *)task;

	if (!bpf_core_field_exists(task->__state))
		return BPF_CORE_READ(old, state);
	return BPF_CORE_READ(task, __state);
}

/*
 * The target that the task's process is, or NO_TARGET; this also holds if the process has reused
 * the pid of a target that has ended. /proc has start times in hundredths of a second (USER_HZ).
 */
static __always_inline __u32 target_of_process(struct task_struct *leader, bool nested)
{
	__u32 pid = number_in_namespace(leader, nested);
	struct watch_root *root = pid ? bpf_map_lookup_elem(&roots, &pid) : NULL;

	if (!root)
		return NO_TARGET;
	if (root->start_ticks &&
	    root->start_ticks != BPF_CORE_READ(leader, start_boottime) / 10000000)
		return NO_TARGET;
	return root->target;
}

struct link_walk {
	struct list_head *head, *position;
	struct cgroup *found;
};

STEP(next_link, struct link_walk)
{
	struct list_head *position = walk->position;
	struct cgrp_cset_link *link;
	struct cgroup *cgroup;

	if (!position || position == walk->head)
		return 1;
	link = (void *)position - bpf_core_field_offset(struct cgrp_cset_link, cgrp_link);
	cgroup = BPF_CORE_READ(link, cgrp);
	if (BPF_CORE_READ(cgroup, root, hierarchy_id) == config.hierarchy) {
		walk->found = cgroup;
		return 1;
	}
	walk->position = BPF_CORE_READ(position, next);
	return 0;
}

/* The cgroup of a task in the watched hierarchy, or NULL. */
static __always_inline struct cgroup *cgroup_of(struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct link_walk walk = {};
	struct list_head *head;

	if (!config.hierarchy)
		return BPF_CORE_READ(set, dfl_cgrp);
	head = (void *)set + bpf_core_field_offset(struct css_set, cgrp_links);
	walk.head = head;
	walk.position = BPF_CORE_READ(head, next);
	REPEAT(HIERARCHIES_MAX, next_link, &walk);
	return walk.found;
}

struct cgroup_walk {
	struct cgroup *cgroup;
	__u32 target;
};

STEP(next_cgroup, struct cgroup_walk)
{
	struct cgroup *cgroup = walk->cgroup;
	__u32 *target;
	__u64 id;

	if (!cgroup)
		return 1;
	id = BPF_CORE_READ(cgroup, kn, id);
	target = bpf_map_lookup_elem(&cgroup_roots, &id);
	if (target) {
		walk->target = *target;
		return 1;
	}
	walk->cgroup = BPF_CORE_READ(cgroup, self.parent, cgroup);
	return 0;
}

/* The target whose cgroup is that of the task, or an ancestor of it; NO_TARGET: none. */
static __always_inline __u32 target_of_cgroup(struct task_struct *task)
{
	struct cgroup_walk walk = {.cgroup = cgroup_of(task), .target = NO_TARGET};

	REPEAT(CGROUP_LEVELS_MAX, next_cgroup, &walk);
	return walk.target;
}

/*
 * The same of a task that has just come into its cgroup. One that the agent's pid namespace does
 * not see has no number there, and is not measured.
 */
static __always_inline __u32 target_of_newcomer(struct task_struct *task, enum watch_kind kind)
{
	__u32 target = target_of_cgroup(task);

	if (!is_nested(kind) || target == NO_TARGET || number_in_namespace(task, true))
		return target;
	count_loss(&run.losses.outside);
	return NO_TARGET;
}

/*
 * Memory barrier: all CPUs see what the program wrote before this call before it reads anything
 * after it. On arm64, an atomic addition does not order the two, but releasing a lock and taking
 * one does. No task has this key.
 */
static __always_inline void order_memory(void)
{
#ifdef __TARGET_ARCH_arm64
	__u64 nobody = 1;

	bpf_map_delete_elem(&tasks, &nobody);
	bpf_map_delete_elem(&tasks, &nobody);
#endif
}

/* The mark of a process that has lost its parent meanwhile, or NULL. */
static __always_inline struct orphan *find_orphan(struct task_struct *leader)
{
	__u64 key = (__u64)leader;
	struct orphan *orphan = run.orphaned ? bpf_map_lookup_elem(&orphans, &key) : NULL;

	return orphan && orphan->start_ns == BPF_CORE_READ(leader, start_time) ? orphan : NULL;
}

struct ancestor_walk {
	struct task_struct *leader;
	__u32 target;
	__u32 is_done;
};

static __always_inline long ask_ancestor(struct ancestor_walk *walk, enum watch_kind kind)
{
	struct task_struct *leader = walk->leader, *parent;
	__u64 key = (__u64)leader;
	struct task_record *account;
	struct orphan *orphan;

	walk->is_done = 1;
	walk->target = target_of_process(leader, is_nested(kind));
	if (walk->target != NO_TARGET)
		return 1;
	account = bpf_map_lookup_elem(&tasks, &key);
	if (account) {
		walk->target = account->target;
		return 1;
	}
	orphan = find_orphan(leader);
	if (orphan) {
		walk->target = orphan->target;
		return 1;
	}
	parent = BPF_CORE_READ(leader, real_parent, group_leader);
	if (!parent || parent == leader)
		return 1;
	walk->leader = parent;
	walk->is_done = 0;
	return 0;
}

STEP(next_ancestor, struct ancestor_walk)
{
	return ask_ancestor(walk, WATCH_TREE);
}

STEP(next_ancestor_any, struct ancestor_walk)
{
	return ask_ancestor(walk, WATCH_ANY);
}

/* The target of the nearest ancestor that is one, or was adopted; NO_TARGET: none. */
static __always_inline __u32 find_relative(struct task_struct *task, enum watch_kind kind)
{
	struct ancestor_walk walk = {
		.leader = BPF_CORE_READ(task, group_leader),
		.target = NO_TARGET,
	};

	if (kind == WATCH_ANY)
		REPEAT(ANCESTORS_MAX, next_ancestor_any, &walk);
	else
		REPEAT(ANCESTORS_MAX, next_ancestor, &walk);
	if (!walk.is_done)
		run.too_deep = 1;
	return walk.target;
}

/* Whether all processes are watched, and the agent's pid namespace sees this one. */
static __always_inline bool is_one_of_all(struct task_struct *task, enum watch_kind kind)
{
	return config.watch_all && (!is_nested(kind) || number_in_namespace(task, true));
}

/* The target that a task belongs to, or NO_TARGET. */
static __always_inline __u32 find_target(struct task_struct *task, enum watch_kind kind)
{
	__u64 orphaned = run.orphaned;
	__u32 target;

	if (is_by_cgroup(kind))
		return target_of_cgroup(task);
	if (config.watch_all)
		return is_one_of_all(task, kind) ? 0 : NO_TARGET;
	order_memory();
	target = find_relative(task, kind);
	/*
	 * An ancestor may have lost its parent after its mark was looked up, and before its parent
	 * was read.
	 */
	if (target == NO_TARGET && run.orphaned != orphaned)
		run.is_unsure = 1;
	return target;
}

#endif
