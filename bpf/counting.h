/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counting: the events run freely on every CPU, and what they gained while a task ran is the
 * task's. All readings are taken before anything is added.
 */
#ifndef BPF_COUNTING_H
#define BPF_COUNTING_H

#include "maps.h"

#define ENOENT 2

/* All that was counted since the last readings is the task's. */
#define WHOLE_SLICE (~0ULL)

static __always_inline struct cpu_state *cpu_state(__u32 cpu)
{
	return bpf_map_lookup_elem(&cpus, &cpu);
}

/* Read every counter of this CPU. One that cannot be read gets enabled_ns 0. */
static __always_inline void read_counters(__u32 cpu, struct counter *readings)
{
	__u32 i;

	for (i = 0; i < MAX_COUNTERS; i++) {
		long err;

		if (i >= config.counters_n)
			break;
		/* On an error the helper clears what it was given. */
		err = bpf_perf_event_read_value(&events, cpu * config.counters_n + i,
		                                (struct bpf_perf_event_value *)&readings[i],
		                                sizeof(readings[i]));
		if (err && !(config.sparse && err == -ENOENT))
			count_loss(&run.losses.reads);
	}
}

/*
 * Add what the counters gained since the CPU's last readings. An event that counts is enabled for
 * longer at each reading. Otherwise its CPU was offline meanwhile: it is dead, or it was opened anew.
 * Then this slice is lost.
 *
 * slice_ns: WHOLE_SLICE when the last readings were taken as the task was switched in. Else its CPU
 * time since its account was brought up to date: it has that share of what was counted meanwhile.
 */
static __always_inline void add_counters(struct task_record *task, const struct cpu_state *state,
                                         __u64 slice_ns)
{
	__u32 i;

	for (i = 0; i < MAX_COUNTERS; i++) {
		const struct counter *now = &state->now[i], *base = &state->base[i];
		struct counter *sum = &task->counters[i];
		__u64 count, enabled, running;

		if (i >= config.counters_n)
			break;
		if (!base->enabled_ns || !now->enabled_ns)
			continue; /* a failed reading, counted there */
		if (now->enabled_ns <= base->enabled_ns) {
			count_loss(&run.losses.reads);
			continue;
		}
		count = now->count - base->count;
		enabled = now->enabled_ns - base->enabled_ns;
		running = now->running_ns - base->running_ns;
		if (slice_ns < enabled) {
			__u64 share = (slice_ns << 16) / enabled;

			count = count * share >> 16;
			enabled = enabled * share >> 16;
			running = running * share >> 16;
		}
		sum->count += count;
		sum->enabled_ns += enabled;
		sum->running_ns += running;
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

/* What the kernel itself keeps for the task; the root's is counted from its first exec. */
static __always_inline void set_kernel_counts(struct task_record *task, __u64 cpu_ns,
                                              __u64 context_switches, __u64 migrations)
{
	if (task->flags & TASK_ROOT) {
		cpu_ns -= run.root_base.cpu_ns;
		context_switches -= run.root_base.context_switches;
		migrations -= run.root_base.migrations;
	}
	task->cpu_ns = cpu_ns;
	task->context_switches = context_switches;
	task->migrations = migrations;
}

/*
 * The slice of a task that runs, or has run until now, on this CPU: WHOLE_SLICE unless its switch-in
 * was not seen. There are kernels on which the tracepoint is silent when certain tasks leave (those
 * of process 1 in some virtual machines); then the base is of an earlier switch.
 */
static __always_inline __u64 slice_of(const struct cpu_state *state, struct task_struct *task,
                                      const struct task_record *account, __u64 cpu_ns)
{
	if (state->current == (__u64)task)
		return WHOLE_SLICE;
	count_loss(&run.losses.slices);
	if (account->flags & TASK_ROOT)
		cpu_ns -= run.root_base.cpu_ns;
	return cpu_ns - account->cpu_ns;
}

#endif
