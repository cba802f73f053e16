// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sched_process_exec: records the name and arguments of a program before its first instruction. For
 * the traced command, counting begins here.
 *
 * Since Linux 7.0, this program can be preempted on kernels with preemption, but is not migrated.
 * Meanwhile the kernel skips it for other execs on that CPU (prog->active in __bpf_trace_run(),
 * kernel/trace/bpf_trace.c): 3 and 8 of 1000 at a time on PREEMPT_RT, up to 4 on others. Therefore
 * it is attached twice there, as two programs with a buffer each. The second handles only the execs
 * that the first was skipped for, so that it is hardly ever preempted. Execs that both were skipped
 * for are detected at the last switch-out, and reported.
 */
#include "fields.h"
#include "observe.h"
#include "rank.h"
#include "running.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/*
 * The CPU time of the root, of which the kernel has accounted what came before the last tick or
 * switch. The rest is known from the clock: if the root has not slept since it was created, it has
 * run whenever it did not wait for a CPU. A CPU that wakes from idle for a task accounts its wakeup
 * as the task's time (rq_clock_skip_update() in kernel/sched/core.c), so that the time since the
 * tracepoint of the switch-in would be too short, by 40 µs on average in a virtual machine. It is
 * what there is for a root that has slept.
 *
 * If this program can be preempted (see above), its readings may belong to different switch-ins.
 * The root has only just been switched in then, and the value at the switch is up to date.
 */
static __always_inline __u64 root_cpu_ns(__u64 accounted_ns, __u64 since, __u64 now_ns)
{
	__u64 waited_ns = run.root_fields[TASK_RUNQUEUE_WAIT], cpu_ns = 0;

	if (!run.root_fields[TASK_VOLUNTARY_SWITCHES] && waited_ns != TASK_FIELD_NONE)
		cpu_ns = now_ns - run.root_woken - waited_ns;
	else if (since)
		cpu_ns = run.root_runtime + now_ns - since;
	return since == *(volatile __u64 *)&run.root_switched_in && cpu_ns > accounted_ns
	               ? cpu_ns
	               : accounted_ns;
}

/* The root's first exec: what came before was the agent's code, and is not counted. */
static __always_inline void begin_counting(struct task_struct *task, struct task_record *account,
                                           __u64 now_ns)
{
	struct kernel_counts counts = kernel_counts(current_task());
	__u64 since = *(volatile __u64 *)&run.root_switched_in;

	read_fields(task, true, 0, run.root_fields);
	counts.cpu_ns = root_cpu_ns(counts.cpu_ns, since, now_ns);
	run.root_base = counts;
	account->cpu_ns = counts.cpu_ns;
	account->context_switches = counts.context_switches;
	account->migrations = counts.migrations;
	run.root_pending = 0;
	take_base((__u64)task);
	account->flags &= ~TASK_PENDING;
}

/*
 * value, but max at most. The empty asm makes the compiler compare the register that is used
 * afterwards, because the verifier derives the bound for that one only.
 */
static __always_inline __u64 at_most(__u64 value, __u64 max)
{
	asm volatile("" : "+r"(value));
	return value < max ? value : max;
}

/*
 * value, or 0 if result is negative, which is an error. The asm keeps the compiler from making this
 * a branch, because the verifier would follow both sides.
 */
static __always_inline __u64 unless_failed(__u64 value, __s64 result)
{
	__u64 mask = result >> 63;

	asm volatile("" : "+r"(mask));
	return value & ~mask;
}

/* Arguments up to this length are treated like a name. */
#define ARGS_SHORT 512

/*
 * Bytes that arguments may take in the ring; negative if there are none. A quarter of the ring is
 * reserved for smaller records that matter more: names and ends of processes, and short arguments.
 */
static __always_inline __s64 room_for_args(__u64 total)
{
	__u64 is_short = (total - ARGS_SHORT - 1) >> 63;

	return (3 + is_short) * config.ring_wake - bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
}

/* Send a part of the arguments. The first part has woken the agent. */
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
 * Send the arguments that did not fit into the exec record in records of their own: whole chunks
 * first, then the rest. Because sizes are constant, the verifier tracks nothing across chunks.
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

/* Send the record without arguments, for which there is no room. */
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
                                      struct task_record *account, const char *path, __u64 now_ns)
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
	record->header.time_ns = now_ns;
	record->process = process;
	record->parent = account->parent;
	__builtin_memcpy(record->comm, account->comm, sizeof(record->comm));
	__builtin_memcpy(record->birth_comm, account->birth_comm, sizeof(record->birth_comm));

	mm = BPF_CORE_READ(task, mm);
	args = (const char *)BPF_CORE_READ(mm, arg_start);
	total = BPF_CORE_READ(mm, arg_end) - (__u64)args;
	if (RUN_HAS(restricted) && account->flags & TASK_HIDDEN)
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
	/* A few records of this size fill the ring: wake the agent for the first. */
	if (submit(record, size + length, total > ARGS_CHUNK))
		send_name(record, size);
	else if (total && room < 0)
		count_loss(&run.losses.args);
	else if (total > ARGS_CHUNK && length && !err)
		send_more_args(&scratch->args, process, args, total);
}

/*
 * The user may not observe the new program. What the task did so far is counted, with its CPU time
 * up to the last tick of the slice.
 */
static __always_inline void hide(struct task_struct *task, struct task_record *account)
{
	count_loss(&run.losses.hidden);
	account_running((__u64)task, account);
	account_fields(task, true, account, account->fields);
	account->fields[TASK_EXECS]++;
	account->flags |= TASK_HIDDEN;
}

/* The user may observe the program again: subtract what the task did meanwhile. */
static __always_inline void show(struct task_struct *task, struct task_record *account)
{
	struct kernel_counts counted = {
		.cpu_ns = account->cpu_ns,
		.context_switches = account->context_switches,
		.migrations = account->migrations,
	};
	struct kernel_counts *excluded = &account->excluded.kernel;

	take_base((__u64)task);
	account->seq++;
	*excluded = (struct kernel_counts){0};
	set_kernel_counts(account, kernel_counts(current_task()));
	excluded->cpu_ns = account->cpu_ns - counted.cpu_ns;
	excluded->context_switches = account->context_switches - counted.context_switches;
	excluded->migrations = account->migrations - counted.migrations;
	account->cpu_ns = counted.cpu_ns;
	account->context_switches = counted.context_switches;
	account->migrations = counted.migrations;
	note_hidden_fields(task, account);
	account->flags &= ~TASK_HIDDEN;
	account->seq++;
}

/* Whether to record the exec. An exec of one hidden program from another is not recorded. */
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

/* again: for on_exec_again, which may run in the middle of the first program. */
static __always_inline __u32 scratch_slot(bool again)
{
	return (bpf_get_smp_processor_id() << RUN_HAS(exec_twice)) + again;
}

/*
 * slot: the buffer for the records; restricted: the user may not observe every program; ranks: tell
 * the ranks of a parallel job apart.
 */
static __always_inline void executed(struct task_struct *task, struct task_record *account,
                                     struct linux_binprm *bprm, __u32 slot, bool restricted,
                                     bool ranks)
{
	__u64 now_ns = bpf_ktime_get_ns();
	struct scratch *scratch;

	if (account->flags & TASK_PENDING)
		begin_counting(task, account, now_ns);
	/* After an exec in a thread other than the leader, the thread has the leader's id. */
	account->tid = account->process.pid;
	account->flags |= TASK_EXECUTED;
	if (restricted && !apply_rights(task, account)) {
		account->execs++;
		return;
	}
	account->execs++;
	bpf_get_current_comm(account->comm, sizeof(account->comm));
	scratch = bpf_map_lookup_elem(&scratches, &slot);
	if (!scratch) {
		count_loss(&run.losses.execs); /* more CPUs came than there is room for */
		return;
	}
	if (ranks)
		send_rank(scratch, task, account);
	send_exec(scratch, task, account, BPF_CORE_READ(bprm, filename), now_ns);
}

static __always_inline int take_exec(struct task_struct *task, struct linux_binprm *bprm,
                                     bool restricted, bool ranks)
{
	__u64 key = (__u64)task;
	struct task_record *account = bpf_map_lookup_elem(&tasks, &key);

	if (!account)
		return 0;
	task = current_task();
	if (RUN_HAS(exec_twice))
		account->exec_id = READ_TASK(task, true, self_exec_id);
	executed(task, account, bprm, scratch_slot(false), restricted, ranks);
	return 0;
}

#ifdef PLAIN
SEC("raw_tp/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	return take_exec(task, bprm, false, false);
}
#else
/* Replaces on_exec in runs that are not plain. */
SEC("raw_tp/sched_process_exec")
int BPF_PROG(on_exec_full, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	return take_exec(task, bprm, false, false);
}

/* The same for users who may not observe every program: three times as long. */
SEC("raw_tp/sched_process_exec")
int BPF_PROG(on_exec_rights, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	return take_exec(task, bprm, true, false);
}

/* Replaces both if ranks are told apart. */
SEC("raw_tp/sched_process_exec")
int BPF_PROG(on_exec_ranks, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	return take_exec(task, bprm, config.restricted, true);
}

SEC("raw_tp/sched_process_exec")
int BPF_PROG(on_exec_again, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	__u64 key = (__u64)task;
	struct task_record *account = bpf_map_lookup_elem(&tasks, &key);
	__u64 exec_id;

	if (!account)
		return 0;
	task = current_task();
	exec_id = READ_TASK(task, true, self_exec_id);
	if (account->exec_id == exec_id)
		return 0;
	account->exec_id = exec_id;
	executed(task, account, bprm, scratch_slot(true), RUN_HAS(restricted),
	         RUN_HAS(ranks_n) > 0);
	return 0;
}
#endif
