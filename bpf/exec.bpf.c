// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sched_process_exec: the names and arguments of a program, taken while its first instruction is
 * still to come; and, for the traced command, the moment from which everything counts.
 *
 * Since Linux 7.0 this may be preempted on PREEMPT_RT, but not moved to another CPU. The kernel then
 * skips the program for whoever executes something on that CPU meanwhile: prog->active in
 * __bpf_trace_run() (kernel/trace/bpf_trace.c); 3 and 8 of 1000 execs at a time. So there it is attached
 * twice, as two programs, each with a buffer of its own: what the first was skipped for the second does,
 * and it has hardly anything to do else, so that it is hardly ever preempted. What both were skipped for
 * is found out at the last switch-out, and reported.
 */
#include "fields.h"
#include "observe.h"
#include "running.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/*
 * The CPU time of the root. sum_exec_runtime is only brought up to date at ticks and switches; what has
 * run since the switch-in is added from the clock. Where this program can be preempted (see below) the
 * two may be of different switch-ins: then the root has only just come back, and what the switch knew is
 * up to date.
 */
static __always_inline __u64 root_cpu_ns(__u64 accounted_ns)
{
	volatile __u64 *switched_in = &run.root_switched_in;
	__u64 since = *switched_in;
	__u64 cpu_ns = run.root_runtime + bpf_ktime_get_ns() - since;

	return since && since == *switched_in && cpu_ns > accounted_ns ? cpu_ns : accounted_ns;
}

/* The root's first exec: what was before it is the agent's doing. */
static __always_inline void begin_counting(struct task_struct *task, struct task_record *account)
{
	struct kernel_counts counts = kernel_counts(current_task());

	counts.cpu_ns = root_cpu_ns(counts.cpu_ns);
	run.root_base = counts;
	begin_root_fields(task);
	run.root_pending = 0;
	take_base((__u64)task);
	account->flags &= ~TASK_PENDING;
}

/*
 * value, at most max. The empty asm makes the compiler compare the very register that is used
 * afterwards: the verifier learns the bound of no other.
 */
static __always_inline __u64 at_most(__u64 value, __u64 max)
{
	asm volatile("" : "+r"(value));
	return value < max ? value : max;
}

/*
 * value, or 0 if result is negative: an error. The asm keeps the compiler from making a branch of it,
 * which the verifier would follow twice.
 */
static __always_inline __u64 unless_failed(__u64 value, __s64 result)
{
	__u64 mask = result >> 63;

	asm volatile("" : "+r"(mask));
	return value & ~mask;
}

/* Arguments that are no longer than this are as good as a name. */
#define ARGS_SHORT 512

/*
 * Bytes that arguments may take in the ring, negative when there are none. A quarter of it is for what is
 * smaller and matters more: the names and the ends of processes, and short arguments.
 */
static __always_inline __s64 room_for_args(__u64 total)
{
	__u64 is_short = (total - ARGS_SHORT - 1) >> 63;

	return (3 + is_short) * config.ring_wake - bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
}

/* One part of the arguments. The agent has been woken for the first. */
static __always_inline bool send_part(struct args_record *record, const char *args, __u64 length)
{
	if (bpf_probe_read_user(record->data, length, args))
		return false;
	if (room_for_args(ARGS_MAX) < 0 ||
	    submit(record, sizeof(*record) - ARGS_CHUNK + length, 0)) {
		count_loss(&run.losses.args);
		return false;
	}
	return true;
}

/*
 * Arguments beyond the exec record's, which was full, in records of their own: whole chunks, then
 * the rest. With sizes that are constants the verifier has nothing to follow from one to the next.
 */
static __always_inline void send_more_args(struct args_record *record, struct process_id process,
                                           const char *args, __u64 total)
{
	__u64 rest = total & (ARGS_CHUNK - 1);
	__u32 offset;

	record->header.type = RECORD_ARGS;
	record->header.size = sizeof(*record);
	record->header.time_ns = 0;
	record->process = process;
	record->length = ARGS_CHUNK;
#pragma clang loop unroll(disable)
	for (offset = ARGS_CHUNK; offset < ARGS_MAX; offset += ARGS_CHUNK) {
		record->offset = offset;
		if (offset + ARGS_CHUNK > total)
			break;
		if (!send_part(record, args + offset, ARGS_CHUNK))
			return;
	}
	if (!rest || offset == ARGS_MAX)
		return;
	record->header.size = sizeof(*record) - ARGS_CHUNK + rest;
	record->length = rest;
	send_part(record, args + offset, rest);
}

/* Without the arguments, for which there is no room. */
static __always_inline void send_name(struct exec_record *record, __u64 size)
{
	record->args_length = 0;
	record->header.size = size;
	if (submit(record, size, 0))
		count_loss(&run.losses.execs);
	else
		count_loss(&run.losses.args);
}

static __always_inline void send_exec(struct scratch *scratch, struct task_struct *task,
                                      struct task_record *account, const char *path)
{
	struct exec_record *record = &scratch->exec;
	struct process_id process = account->process;
	__u64 total, path_length, length, size;
	struct mm_struct *mm;
	const char *args;
	__s64 room;
	long err;

	record->is_root = process.start_ns == run.root.start_ns;
	record->is_hidden = !!(account->flags & TASK_HIDDEN);
	record->header.type = RECORD_EXEC;
	record->header.time_ns = bpf_ktime_get_ns();
	record->process = process;
	record->parent = account->parent;
	__builtin_memcpy(record->comm, account->comm, sizeof(record->comm));
	__builtin_memcpy(record->birth_comm, account->birth_comm, sizeof(record->birth_comm));

	mm = BPF_CORE_READ(task, mm);
	args = (const char *)BPF_CORE_READ(mm, arg_start);
	total = BPF_CORE_READ(mm, arg_end) - (__u64)args;
	if (config.restricted && account->flags & TASK_HIDDEN)
		total = 0;
	record->args_total = total;

	path_length = bpf_probe_read_kernel_str(record->data, PATH_SIZE, path) - 1;
	path_length = unless_failed(path_length, path_length) & (PATH_SIZE - 1);
	record->path_length = path_length;

	room = room_for_args(total);
	length = unless_failed(at_most(total, ARGS_CHUNK), room);
	err = bpf_probe_read_user(record->data + path_length, length, args);
	length = unless_failed(length, err);
	record->args_length = length;
	size = sizeof(*record) - sizeof(record->data) + path_length;
	record->header.size = size + length;
	/* Some like this fill the ring: the agent is woken at once for the first. */
	if (submit(record, size + length, total > ARGS_CHUNK))
		send_name(record, size);
	else if (total && room < 0)
		count_loss(&run.losses.args);
	else if (total > ARGS_CHUNK && length && !err)
		send_more_args(&scratch->args, process, args, total);
}

/*
 * The user may not observe the new program. What the task did until now stays counted: the CPU time
 * up to the last tick of its slice.
 */
static __always_inline void hide(struct task_struct *task, struct task_record *account)
{
	count_loss(&run.losses.hidden);
	account_running((__u64)task, account);
	account_fields(task, account, account->fields);
	account->fields[TASK_EXECS]++;
	account->flags |= TASK_HIDDEN;
}

/* The user may observe it again: what the task did meanwhile is taken off. */
static __always_inline void show(struct task_struct *task, struct task_record *account)
{
	struct kernel_counts told = {
		.cpu_ns = account->cpu_ns,
		.context_switches = account->context_switches,
		.migrations = account->migrations,
	};
	struct kernel_counts *hidden = &account->hidden.kernel;

	take_base((__u64)task);
	account->seq++;
	*hidden = (struct kernel_counts){0};
	set_kernel_counts(account, kernel_counts(current_task()));
	hidden->cpu_ns = account->cpu_ns - told.cpu_ns;
	hidden->context_switches = account->context_switches - told.context_switches;
	hidden->migrations = account->migrations - told.migrations;
	account->cpu_ns = told.cpu_ns;
	account->context_switches = told.context_switches;
	account->migrations = told.migrations;
	note_hidden_fields(task, account);
	account->flags &= ~TASK_HIDDEN;
	account->seq++;
}

/* Whether the exec is told: one of a program that was hidden before, for another, is not. */
static __always_inline bool apply_rights(struct task_struct *task, struct task_record *account)
{
	bool was_hidden = account->flags & TASK_HIDDEN;

	if (user_may_observe(task)) {
		if (was_hidden)
			show(task, account);
		return true;
	}
	if (!was_hidden)
		hide(task, account);
	return !was_hidden;
}

/*
 * slot: of the buffer in which the records are put together; restricted: the user may not observe every
 * program.
 */
static __always_inline void executed(struct task_struct *task, struct task_record *account,
                                     struct linux_binprm *bprm, __u32 slot, bool restricted)
{
	struct scratch *scratch;

	if (account->flags & TASK_PENDING)
		begin_counting(task, account);
	/* After an exec in another thread than the leader that thread has the leader's id. */
	account->tid = account->process.pid;
	account->flags |= TASK_EXECUTED;
	if (restricted && !apply_rights(task, account)) {
		account->execs++;
		return;
	}
	account->execs++;
	bpf_get_current_comm(account->comm, sizeof(account->comm));
	scratch = bpf_map_lookup_elem(&scratches, &slot);
	if (scratch)
		send_exec(scratch, task, account, BPF_CORE_READ(bprm, filename));
}

static __always_inline int take_exec(struct task_struct *task, struct linux_binprm *bprm,
                                     bool restricted)
{
	__u64 key = (__u64)task;
	struct task_record *account = bpf_map_lookup_elem(&tasks, &key);

	if (!account)
		return 0;
	account->exec_id = BPF_CORE_READ(task, self_exec_id);
	executed(task, account, bprm, bpf_get_smp_processor_id(), restricted);
	return 0;
}

SEC("raw_tp/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	return take_exec(task, bprm, false);
}

/* In its place where the user may not observe every program: three times as long. */
SEC("raw_tp/sched_process_exec")
int BPF_PROG(on_exec_rights, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	return take_exec(task, bprm, true);
}

SEC("raw_tp/sched_process_exec")
int BPF_PROG(on_exec_again, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	__u64 key = (__u64)task;
	struct task_record *account = bpf_map_lookup_elem(&tasks, &key);
	__u64 exec_id;

	if (!account)
		return 0;
	exec_id = BPF_CORE_READ(task, self_exec_id);
	if (account->exec_id == exec_id)
		return 0;
	account->exec_id = exec_id;
	executed(task, account, bprm, config.cpus_n + bpf_get_smp_processor_id(),
	         config.restricted);
	return 0;
}
