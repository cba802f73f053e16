/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counting: the events run freely on every CPU, and what they gained while a task ran is the
 * task's. All readings are taken before anything is added.
 */
#ifndef BPF_COUNTING_H
#define BPF_COUNTING_H

#include "maps.h"
#include "read.h"
#include "share.h"

#define ENOENT 2
#define MAX_ERRNO 4095

static __always_inline struct cpu_state *cpu_state(__u32 cpu)
{
	return bpf_map_lookup_elem(&cpus, &cpu);
}

/*
 * An event that counts at all times: read without the times that the kernel keeps of it, which take
 * half of a reading; the clock stands in for them. It is pinned, so that reading fails when it has
 * not counted.
 */
static __always_inline long read_always_on(__u32 index, struct counter *reading, __u64 now_ns)
{
	__s64 count = bpf_perf_event_read(&events, index);
	/* The helper returns a count or a negative errno. */
	__u64 is_count = (__u64)count < -(__u64)MAX_ERRNO;

	reading->count = count;
	reading->enabled_ns = reading->running_ns = now_ns & -is_count;
	return is_count ? 0 : count;
}

/* Read one counter of this CPU. One that cannot be read gets enabled_ns 0. */
static __always_inline void read_counter(__u32 cpu, __u32 i, struct cpu_state *state, __u64 now_ns)
{
	struct counter *reading = &state->now[i & (MAX_COUNTERS - 1)];
	__u32 index = cpu * config.counters_n + i;
	long err;

	if (config.always_on >> i & 1)
		err = read_always_on(index, reading, now_ns);
	else /* On an error the helper clears what it was given. */
		err = bpf_perf_event_read_value(
			&events, index, (struct bpf_perf_event_value *)reading, sizeof(*reading));
	if (err && !(RUN_HAS(sparse) && err == -ENOENT && state->absent >> i & 1))
		count_loss(&run.losses.reads);
}

/* The time for read_counters(), 0 if it does not need it. */
static __always_inline __u64 counters_time(void)
{
	return config.always_on ? bpf_ktime_get_ns() : 0;
}

/*
 * Read every counter of this CPU; now_ns: counters_time(), or any reading of its clock made just
 * now.
 */
static __always_inline void read_counters(__u32 cpu, struct cpu_state *state, __u64 now_ns)
{
	__u32 i;

	for (i = 0; i < MAX_COUNTERS; i++) {
		if (i >= config.counters_n)
			break;
		read_counter(cpu, i, state, now_ns);
	}
}

/*
 * Whether two readings are of an event that went on counting between them. One that counts is
 * enabled for longer at each reading, or, where the kernel's clock only moves with its tick, as
 * long. Otherwise its CPU was offline meanwhile, and the event counts no longer, or was opened
 * anew. Then this slice is lost.
 */
static __always_inline bool is_pair(const struct counter *base, const struct counter *now)
{
	if (!base->enabled_ns || !now->enabled_ns)
		return false; /* a failed reading, counted there */
	if (now->enabled_ns < base->enabled_ns ||
	    (now->enabled_ns == base->enabled_ns && now->count == base->count)) {
		count_loss(&run.losses.reads);
		return false;
	}
	return true;
}

/* Add what the counters gained since the CPU's last readings. */
static __always_inline void add_counters(struct task_record *task, const struct cpu_state *state)
{
	__u32 i;

	for (i = 0; i < MAX_COUNTERS; i++) {
		const struct counter *now = &state->now[i], *base = &state->base[i];
		struct counter *sum = &task->counters[i];

		if (i >= config.counters_n)
			break;
		if (!is_pair(base, now))
			continue;
		sum->count += now->count - base->count;
		sum->enabled_ns += now->enabled_ns - base->enabled_ns;
		sum->running_ns += now->running_ns - base->running_ns;
	}
}

/* The last readings become the base of the next difference. */
static __always_inline void advance_base(struct cpu_state *state)
{
	__u32 i;

	for (i = 0; i < MAX_COUNTERS; i++) {
		if (i >= config.counters_n)
			break;
		state->base[i] = state->now[i];
	}
}

/*
 * The current task, which at a switch is the one that leaves. Its fields are read through a pointer
 * whose type the verifier knows, a load each; before Linux 5.11 there is none in a raw tracepoint,
 * and each takes a helper's call.
 */
static __always_inline struct task_struct *current_task(void)
{
	return SINCE_6_1 || config.direct ? bpf_get_current_task_btf()
	                                  : (void *)bpf_get_current_task();
}

/* What the kernel itself keeps; task is current_task(). */
static __always_inline struct kernel_counts kernel_counts(struct task_struct *task)
{
	if (SINCE_6_1 || config.direct)
		return (struct kernel_counts){
			.cpu_ns = task->se.sum_exec_runtime,
			.context_switches = task->nvcsw + task->nivcsw,
			.migrations = task->se.nr_migrations,
		};
	return (struct kernel_counts){
		.cpu_ns = BPF_CORE_READ(task, se.sum_exec_runtime),
		.context_switches = BPF_CORE_READ(task, nvcsw) + BPF_CORE_READ(task, nivcsw),
		.migrations = BPF_CORE_READ(task, se.nr_migrations),
	};
}

/* What the root did before its first exec the agent subtracts. */
static __always_inline void set_kernel_counts(struct task_record *task, struct kernel_counts counts)
{
	if (RUN_HAS(excludes)) {
		counts.cpu_ns -= task->excluded.kernel.cpu_ns;
		counts.context_switches -= task->excluded.kernel.context_switches;
		counts.migrations -= task->excluded.kernel.migrations;
	}
	task->cpu_ns = counts.cpu_ns;
	task->context_switches = counts.context_switches;
	task->migrations = counts.migrations;
}

/*
 * The CPU time of a task since its account was brought up to date; cpu_ns: of kernel_counts(), now.
 */
static __always_inline __u64 slice_of(const struct task_record *account, __u64 cpu_ns)
{
	__u64 slice_ns = cpu_ns - account->cpu_ns;

	if (RUN_HAS(excludes))
		slice_ns -= account->excluded.kernel.cpu_ns;
	return slice_ns;
}

/*
 * The task was not seen to be switched in: there are kernels on which the tracepoint is silent when
 * certain tasks leave (those of process 1 in some virtual machines). Then the last readings are of
 * an earlier switch, and what was counted since is not the task's alone. It gets the share that its
 * time is of the time since; its time, since its account was brought up to date, is known exactly
 * by the scheduler's clock. The base is moved up until the difference is that share. What comes in
 * bursts, such as page faults, may have been all the task's or none: the estimate may be wrong by
 * the whole difference. If the task has run all the time, all of it is the task's, and nothing is
 * estimated. slice_ns: slice_of().
 */
static __always_inline void claim_share(struct cpu_state *state, struct task_record *account,
                                        __u64 slice_ns)
{
	__u64 is_estimate = 0;
	__u32 i;

	for (i = 0; i < MAX_COUNTERS; i++) {
		const struct counter *now = &state->now[i];
		struct counter *base = &state->base[i];
		__u64 enabled_ns, gained, count;

		if (i >= config.counters_n)
			break;
		enabled_ns = now->enabled_ns - base->enabled_ns;
		if (!slice_ns || !is_pair(base, now)) {
			base->enabled_ns = 0; /* nothing of it: add_counters() skips it */
			continue;
		}
		if (slice_ns >= enabled_ns)
			continue;
		gained = now->count - base->count;
		count = share_of(gained, slice_ns, enabled_ns);
		base->count = now->count - count;
		base->enabled_ns = now->enabled_ns - slice_ns;
		base->running_ns = now->running_ns - share_of(now->running_ns - base->running_ns,
		                                              slice_ns, enabled_ns);
		account->estimated[i] += gained;
		is_estimate = 1;
	}
	account->slices += is_estimate;
	__sync_fetch_and_add(&run.losses.slices, is_estimate);
}

#endif
