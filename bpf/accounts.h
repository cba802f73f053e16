/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Accounts of tasks that are being created, at sched_wakeup_new. */
#ifndef BPF_ACCOUNTS_H
#define BPF_ACCOUNTS_H

#include "maps.h"

#include <bpf/bpf_core_read.h>

#define EEXIST 17

/* seq is odd: an account that is being filled in. */
static const struct task_record blank = {.seq = 1};

/*
 * The number of a task's pid in the agent's namespace; 0 when it has none there. In the initial
 * namespace every task has one, and the task_struct has it.
 */
static __always_inline __u32 number_in_namespace(struct task_struct *task, bool nested)
{
	struct pid *pid;
	void *numbers;
	struct upid *upid;

	if (!nested)
		return BPF_CORE_READ(task, pid);
	pid = BPF_CORE_READ(task, thread_pid);
	numbers = (void *)pid + bpf_core_field_offset(struct pid, numbers);
	upid = numbers + run.agent_level * bpf_core_type_size(struct upid);
	if (BPF_CORE_READ(pid, level) < run.agent_level ||
	    (__u64)BPF_CORE_READ(upid, ns) != run.agent_namespace)
		return 0;
	return BPF_CORE_READ(upid, nr);
}

/* A pid has 22 bits (PID_MAX_LIMIT), and is not reused within one ns. */
static __always_inline __u64 token_of(__u32 pid, __u64 start_ns)
{
	return start_ns << 22 | (pid & 0x3fffff);
}

/* A new thread of the creator's process. */
static __always_inline void join_process(struct task_record *account, struct task_record *creator)
{
	account->process = creator->process;
	account->parent = creator->parent;
	account->flags =
		creator->flags & (TASK_EXECUTED | TASK_HIDDEN | TASK_BORN_HIDDEN | TASK_OF_ADOPTED);
	__builtin_memcpy(account->birth_comm, creator->birth_comm, sizeof(account->birth_comm));
	account->creator_token = creator->token;
	creator->created++;
}

/* The user may not observe the creator's program, which the new process runs, too. */
static __always_inline void begin_hidden(struct task_record *account,
                                         const struct task_record *creator)
{
	__u32 i;

	account->flags |= TASK_HIDDEN | TASK_BORN_HIDDEN;
	__builtin_memcpy(account->comm, creator->comm, sizeof(account->comm));
	for (i = 0; i < TASK_FIELDS_N; i++)
		account->fields[i] = TASK_FIELD_NONE;
}

/*
 * A new process. Its parent is the one that getppid() will return: the creator's process, or with
 * CLONE_PARENT that one's parent.
 */
static __always_inline void begin_process(struct task_record *account, struct task_struct *task,
                                          const struct task_record *creator, bool nested)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent, group_leader);
	__u32 pid = number_in_namespace(parent, nested);

	account->process.pid = account->tid;
	account->process.start_ns = account->start_ns;
	account->parent.pid = pid;
	account->flags |= TASK_LEADER;
	if (creator->process.pid == pid)
		account->parent.start_ns = creator->process.start_ns;
	else if (creator->parent.pid == pid)
		account->parent.start_ns = creator->parent.start_ns;
	if (RUN_HAS(restricted) && creator->flags & TASK_HIDDEN)
		begin_hidden(account, creator);
	__builtin_memcpy(account->birth_comm, account->comm, sizeof(account->birth_comm));
}

/* Fill the blank account of a new task; from then on it may be read. */
static __always_inline void begin_account(struct task_record *account, struct task_struct *task,
                                          struct task_record *creator, bool nested)
{
	if (BPF_CORE_READ(task, group_leader) != task)
		join_process(account, creator);
	else
		begin_process(account, task, creator, nested);
	barrier();
	account->seq = 0;
}

/* If another program made one first, BPF_NOEXIST keeps that one, and the result is NULL. */
static __always_inline struct task_record *open_account(struct task_struct *task, bool nested,
                                                        __u64 flags)
{
	__u64 key = (__u64)task;
	struct task_record *account;
	long err = bpf_map_update_elem(&tasks, &key, &blank, flags);

	if (err) {
		if (flags != BPF_NOEXIST || err != -EEXIST)
			count_loss(&run.losses.tasks);
		return NULL;
	}
	__sync_fetch_and_add(slot_of(key), key);
	account = bpf_map_lookup_elem(&tasks, &key);
	if (!account)
		return NULL;
	__sync_fetch_and_add(&run.alive, 1);
	account->start_ns = BPF_CORE_READ(task, start_time);
	account->tid = number_in_namespace(task, nested);
	account->token = token_of(BPF_CORE_READ(task, pid), account->start_ns);
	if (RUN_HAS(exec_twice))
		account->exec_id = BPF_CORE_READ(task, self_exec_id);
	/* The new task still has its creator's name. */
	bpf_get_current_comm(account->comm, sizeof(account->comm));
	return account;
}

#endif
