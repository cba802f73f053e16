/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel keeps of each task and process by itself: read when a task ends, and when the
 * agent asks, never at an ordinary switch.
 *
 * The end is the last switch-out, not the sched_process_exit hook, which comes before exit_mm() or
 * after it depending on the kernel and misses the work of exit itself. Everything here is still
 * there: the task_struct holds references to signal_struct and to delays until it is freed, which
 * happens after this switch at the earliest (finish_task_switch(); __put_task_struct() drops both).
 */
#ifndef BPF_FIELDS_H
#define BPF_FIELDS_H

#include "maps.h"
#include "read.h"

/* A field, or TASK_FIELD_NONE where the kernel was built without it. */
#define IF_KEPT(pointer, field, value)                                                             \
	(bpf_core_field_exists((pointer)->field) ? (value) : TASK_FIELD_NONE)
#define TASK_IF_KEPT(task, is_current, field)                                                      \
	IF_KEPT(task, field, READ_TASK(task, is_current, field))

/* Each pair is under one option of the kernel's, and each question takes time to load. */
static __always_inline void read_io(struct task_struct *task, bool is_current, __u64 *fields)
{
	if (bpf_core_field_exists(task->ioac.read_bytes)) {
		fields[TASK_READ_BYTES] = READ_TASK(task, is_current, ioac.read_bytes);
		fields[TASK_WRITE_BYTES] = READ_TASK(task, is_current, ioac.write_bytes);
	} else {
		fields[TASK_READ_BYTES] = fields[TASK_WRITE_BYTES] = TASK_FIELD_NONE;
	}
	if (bpf_core_field_exists(task->ioac.rchar)) {
		fields[TASK_READ_CHARS] = READ_TASK(task, is_current, ioac.rchar);
		fields[TASK_WRITE_CHARS] = READ_TASK(task, is_current, ioac.wchar);
	} else {
		fields[TASK_READ_CHARS] = fields[TASK_WRITE_CHARS] = TASK_FIELD_NONE;
	}
}

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
static __always_inline void read_times(struct task_struct *task, bool is_current,
                                       struct signal_struct *signal, __u64 *fields)
{
	fields[TASK_USER_TICKS] = READ_TASK(task, is_current, utime);
	fields[TASK_SYSTEM_TICKS] = READ_TASK(task, is_current, stime);
	/* Both at once: utime is before stime in each kernel's struct prev_cputime. */
	_Static_assert(TASK_SYSTEM_REPORTED == TASK_USER_REPORTED + 1, "read at once");
	if (bpf_core_field_exists(signal->prev_cputime.utime))
		bpf_core_read(&fields[TASK_USER_REPORTED], 2 * sizeof(*fields),
		              &signal->prev_cputime.utime);
	else
		fields[TASK_USER_REPORTED] = fields[TASK_SYSTEM_REPORTED] = TASK_FIELD_NONE;
}

/* is_current: task is current_task(). execs: how many it has made. */
static __always_inline void read_fields(struct task_struct *task, bool is_current, __u32 execs,
                                        __u64 *fields)
{
	struct signal_struct *signal = BPF_CORE_READ(task, signal);

	read_times(task, is_current, signal, fields);
	fields[TASK_RUNQUEUE_WAIT] = TASK_IF_KEPT(task, is_current, sched_info.run_delay);
	fields[TASK_BLOCK_WAIT] = block_wait(task);
	read_io(task, is_current, fields);
	fields[TASK_VOLUNTARY_SWITCHES] = READ_TASK(task, is_current, nvcsw);
	fields[TASK_INVOLUNTARY_SWITCHES] = READ_TASK(task, is_current, nivcsw);
	fields[TASK_EXECS] = execs;
	fields[TASK_PEAK_RSS] = BPF_CORE_READ(signal, maxrss) * config.page_size;
}

static __always_inline void subtract_excluded_fields(const struct task_record *account,
                                                     __u64 *fields)
{
	__u32 i;

	for (i = 0; i < TASK_COUNTED_N; i++)
		fields[i] -= account->excluded.fields[i];
	/* The kernel keeps no peak for each program. */
	if (account->excluded.fields[TASK_PEAK_RSS])
		fields[TASK_PEAK_RSS] = TASK_FIELD_NONE;
}

/*
 * Of a process that was adopted: what of its times was reported before is of its whole life, and
 * binds nothing of what came after the adoption.
 */
static __always_inline void forget_reported(__u64 *fields)
{
	if (fields[TASK_USER_REPORTED] != TASK_FIELD_NONE)
		fields[TASK_USER_REPORTED] = fields[TASK_SYSTEM_REPORTED] = 0;
}

/*
 * The fields, without what was before the adoption and what the user may not observe. What was
 * before the root's exec the agent subtracts.
 */
static __always_inline void account_fields(struct task_struct *task, bool is_current,
                                           const struct task_record *account, __u64 *fields)
{
	read_fields(task, is_current, account->execs, fields);
	if (RUN_HAS(excludes))
		subtract_excluded_fields(account, fields);
	if (RUN_HAS(watches) && account->flags & TASK_OF_ADOPTED)
		forget_reported(fields);
}

/* At the end of a hidden time: what of each field's present value was added during it. */
static __always_inline void note_hidden_fields(struct task_struct *task,
                                               struct task_record *account)
{
	__u64 *excluded = account->excluded.fields;
	__u32 i;

	read_fields(task, true, account->execs, excluded);
	for (i = 0; i < TASK_COUNTED_N; i++) {
		__u64 counted = account->fields[i] == TASK_FIELD_NONE ? 0 : account->fields[i];

		excluded[i] = excluded[i] == TASK_FIELD_NONE ? 0 : excluded[i] - counted;
	}
	excluded[TASK_PEAK_RSS] = 1;
}

#endif
