// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sched_process_exec: the names and arguments of a program, taken while its first instruction is
 * still to come; and, for the traced command, the moment from which everything counts.
 */
#include "counting.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/*
 * The root's first exec: what was before it is the agent's doing. sum_exec_runtime is only brought
 * up to date at ticks and switches; what has run since the switch-in is added from the clock.
 */
static __always_inline void begin_counting(struct task_struct *task, struct task_record *account)
{
	__u64 since = run.root_runtime + bpf_ktime_get_ns() - run.root_switched_in;
	__u64 runtime = task->se.sum_exec_runtime;
	__u32 cpu = bpf_get_smp_processor_id();
	struct cpu_state *state;

	run.root_base.cpu_ns = run.root_switched_in && since > runtime ? since : runtime;
	run.root_base.context_switches = task->nvcsw + task->nivcsw;
	run.root_base.migrations = task->se.nr_migrations;
	run.root_pending = 0;
	if (config.counters_n) {
		state = cpu_state(cpu);
		if (state) {
			read_counters(cpu, state->base);
			state->tracked = true;
		}
	}
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

/* One part of the arguments. The agent is not in a hurry for it: no wake-up. */
static __always_inline bool send_part(struct args_record *record, const char *args, __u64 offset,
				      __u64 length)
{
	if (bpf_probe_read_user(record->data, length, args + offset))
		return false;
	record->header.size = sizeof(*record) - ARGS_CHUNK + length;
	record->offset = offset;
	record->length = length;
	if (bpf_ringbuf_output(&ring, record, sizeof(*record) - ARGS_CHUNK + length,
			       BPF_RB_NO_WAKEUP)) {
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
	__u64 offset;

	record->header.type = RECORD_ARGS;
	record->header.time_ns = 0;
	record->process = process;
	for (offset = ARGS_CHUNK; offset + ARGS_CHUNK <= ARGS_MAX; offset += ARGS_CHUNK) {
		if (offset + ARGS_CHUNK > total)
			break;
		if (!send_part(record, args, offset, ARGS_CHUNK))
			return;
	}
	if (rest)
		send_part(record, args, total - rest, rest);
}

static __always_inline void send_exec(struct scratch *scratch, struct task_struct *task,
				      struct task_record *account, const char *path)
{
	struct exec_record *record = &scratch->exec;
	const char *args = (const char *)BPF_CORE_READ(task, mm, arg_start);
	__u64 total = BPF_CORE_READ(task, mm, arg_end) - (__u64)args;
	__u64 length = at_most(total, ARGS_CHUNK);
	struct process_id process = account->process;
	__u64 path_length;
	long read;

	read = bpf_probe_read_kernel_str(record->data, PATH_SIZE, path);
	path_length = read > 0 ? (read - 1) & (PATH_SIZE - 1) : 0;
	if (bpf_probe_read_user(record->data + path_length, length, args))
		length = 0;
	record->header.type = RECORD_EXEC;
	record->header.size = sizeof(*record) - sizeof(record->data) + path_length + length;
	record->header.time_ns = bpf_ktime_get_ns();
	record->process = process;
	record->parent = account->parent;
	__builtin_memcpy(record->comm, account->comm, sizeof(record->comm));
	__builtin_memcpy(record->birth_comm, account->birth_comm, sizeof(record->birth_comm));
	record->is_root = process.start_ns == run.root.start_ns;
	record->path_length = path_length;
	record->args_total = total;
	record->args_length = length;
	if (submit(record, sizeof(*record) - sizeof(record->data) + path_length + length, false)) {
		count_loss(&run.losses.execs);
		return;
	}
	total = at_most(total, ARGS_MAX);
	if (length == ARGS_CHUNK && length < total)
		send_more_args(&scratch->args, process, args, total);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u64 key = (__u64)task;
	struct task_record *account = bpf_map_lookup_elem(&tasks, &key);
	struct scratch *scratch;

	if (!account)
		return 0;
	if (account->flags & TASK_PENDING)
		begin_counting(task, account);
	/* After an exec in another thread than the leader that thread has the leader's id. */
	account->tid = account->process.pid;
	account->flags |= TASK_EXECUTED;
	__builtin_memcpy(account->comm, task->comm, sizeof(account->comm));
	scratch = bpf_map_lookup_elem(&scratches, &cpu);
	if (scratch)
		send_exec(scratch, task, account, bprm->filename);
	return 0;
}
