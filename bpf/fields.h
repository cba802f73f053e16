/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel keeps of each task and process by itself: read when a task ends, and when the agent
 * asks, never at an ordinary switch.
 *
 * The end is the last switch-out, not the sched_process_exit hook, which comes before exit_mm() or
 * after it depending on the kernel and misses the work of exit itself. Everything here is still there:
 * the task_struct holds references to signal_struct and to delays until it is freed, which happens
 * after this switch at the earliest (finish_task_switch(); __put_task_struct() drops both).
 */
#ifndef BPF_FIELDS_H
#define BPF_FIELDS_H

#include "maps.h"

#include <bpf/bpf_core_read.h>

/* A field of the task, or TASK_FIELD_NONE where the kernel was built without it. */
#define READ_IF_KEPT(task, field)                                                                  \
	(bpf_core_field_exists((task)->field) ? BPF_CORE_READ(task, field) : TASK_FIELD_NONE)

/* The task's creator may have lived while delays were not accounted. */
static __always_inline __u64 block_wait(struct task_struct *task)
{
	struct task_delay_info *delays;

	if (!bpf_core_field_exists(task->delays))
		return TASK_FIELD_NONE;
	delays = BPF_CORE_READ(task, delays);
	return delays ? BPF_CORE_READ(delays, blkio_delay) : TASK_FIELD_NONE;
}

/* For task_cputime() and cputime_adjust(), kernel/sched/cputime.c; what becomes of it: fields.c. */
static __always_inline void read_times(struct task_struct *task, __u64 *fields)
{
	struct signal_struct *signal = BPF_CORE_READ(task, signal);

	fields[TASK_USER_TICKS] = BPF_CORE_READ(task, utime);
	fields[TASK_SYSTEM_TICKS] = BPF_CORE_READ(task, stime);
	fields[TASK_USER_REPORTED] = READ_IF_KEPT(signal, prev_cputime.utime);
	fields[TASK_SYSTEM_REPORTED] = READ_IF_KEPT(signal, prev_cputime.stime);
}

/* execs: how many the task has made. */
static __always_inline void read_fields(struct task_struct *task, __u32 execs, __u64 *fields)
{
	read_times(task, fields);
	fields[TASK_RUNQUEUE_WAIT] = READ_IF_KEPT(task, sched_info.run_delay);
	fields[TASK_BLOCK_WAIT] = block_wait(task);
	fields[TASK_READ_BYTES] = READ_IF_KEPT(task, ioac.read_bytes);
	fields[TASK_WRITE_BYTES] = READ_IF_KEPT(task, ioac.write_bytes);
	fields[TASK_READ_CHARS] = READ_IF_KEPT(task, ioac.rchar);
	fields[TASK_WRITE_CHARS] = READ_IF_KEPT(task, ioac.wchar);
	fields[TASK_VOLUNTARY_SWITCHES] = BPF_CORE_READ(task, nvcsw);
	fields[TASK_INVOLUNTARY_SWITCHES] = BPF_CORE_READ(task, nivcsw);
	fields[TASK_EXECS] = execs;
	fields[TASK_PEAK_RSS] = BPF_CORE_READ(task, signal, maxrss) * config.page_size;
}

/* The root's are counted from its first exec: this is where they begin. */
static __always_inline void begin_root_fields(struct task_struct *task)
{
	__u32 i;

	read_fields(task, 0, run.reading.fields);
	for (i = 0; i < TASK_COUNTED_N; i++) {
		__u64 value = run.reading.fields[i];

		run.root_fields[i] = value == TASK_FIELD_NONE ? 0 : value;
	}
}

static __always_inline void subtract_root_fields(__u64 *fields)
{
	__u32 i;

	for (i = 0; i < TASK_COUNTED_N; i++)
		fields[i] -= run.root_fields[i];
}

static __always_inline void subtract_hidden_fields(const struct task_record *account, __u64 *fields)
{
	__u32 i;

	for (i = 0; i < TASK_COUNTED_N; i++)
		fields[i] -= account->hidden.fields[i];
	/* What was the peak of which program is not told apart. */
	if (account->hidden.fields[TASK_PEAK_RSS])
		fields[TASK_PEAK_RSS] = TASK_FIELD_NONE;
}

/* The fields, without what was before the root's exec and what the user may not observe. */
static __always_inline void account_fields(struct task_struct *task,
                                           const struct task_record *account, __u64 *fields)
{
	read_fields(task, account->execs, fields);
	if (account->flags & TASK_ROOT)
		subtract_root_fields(fields);
	if (config.restricted)
		subtract_hidden_fields(account, fields);
}

/* At the end of a hidden time: what of each field's present value was not told before it. */
static __always_inline void note_hidden_fields(struct task_struct *task,
                                               struct task_record *account)
{
	__u64 *hidden = account->hidden.fields;
	__u32 i;

	read_fields(task, account->execs, hidden);
	if (account->flags & TASK_ROOT)
		subtract_root_fields(hidden);
	for (i = 0; i < TASK_COUNTED_N; i++) {
		__u64 told = account->fields[i] == TASK_FIELD_NONE ? 0 : account->fields[i];

		hidden[i] = hidden[i] == TASK_FIELD_NONE ? 0 : hidden[i] - told;
	}
	hidden[TASK_PEAK_RSS] = 1;
}

#endif
