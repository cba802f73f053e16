/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/kernel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "linux/privilege.h"
#include "sources/perf/bpf/kernel_internal.h"

/* --- the programs that the agent runs --------------------------------------------------------- */

int kernel_run_on_demand(struct kernel *kernel, enum demand demand, uint64_t subject, int cpu)
{
	uint64_t arguments[] = {demand, subject};
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = arguments,
	            .ctx_size_in = sizeof(arguments));
	int fd, err;

	if (cpu >= 0) {
		options.flags = BPF_F_TEST_RUN_ON_CPU;
		options.cpu = (unsigned int)cpu;
	}
	privilege_raise();
	fd = programs_demand_fd(kernel->programs);
	err = fd < 0 ? fd : bpf_prog_test_run_opts(fd, &options);
	privilege_lower();
	return err ? err : (int)options.retval;
}

/* --- control ---------------------------------------------------------------------------------- */

int kernel_arm(struct kernel *kernel)
{
	__u64 arguments[] = {0}; /* of on_newtask: no task */
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = arguments,
	            .ctx_size_in = sizeof(arguments));
	int err;

	privilege_raise();
	err = bpf_prog_test_run_opts(kernel->programs->arm_fd, &options);
	privilege_lower();
	return err;
}

int kernel_make_room(struct kernel *kernel, uint32_t cpu)
{
	return kernel_run_on_demand(kernel, DEMAND_ROOM, 0, (int)cpu);
}

int kernel_account_running(struct kernel *kernel, uint32_t cpu)
{
	return kernel_run_on_demand(kernel, DEMAND_ACCOUNT, 0, (int)cpu);
}

bool kernel_may_run(const struct kernel *kernel, uint32_t cpu)
{
	if (cpu >= kernel->cpus_n || (!kernel->counters_n && !kernel->weights_n) ||
	    __atomic_load_n(&kernel->programs->run->losses.slices, __ATOMIC_RELAXED))
		return true;
	return __atomic_load_n(&kernel->cpus[cpu].tracked, __ATOMIC_RELAXED);
}

void kernel_set_weighing(struct kernel *kernel, uint32_t cpu, uint32_t group, uint32_t factor)
{
	struct cpu_state *state = &kernel->cpus[cpu];

	if (cpu >= kernel->cpus_n)
		return;
	__atomic_store_n(&state->group, group, __ATOMIC_RELAXED);
	__atomic_store_n(&state->factor, factor, __ATOMIC_RELAXED);
}

static bool is_idle(const struct cpu_state *state)
{
	const uint64_t idle = __atomic_load_n(&state->idle, __ATOMIC_RELAXED);

	return idle && __atomic_load_n(&state->current, __ATOMIC_RELAXED) == idle;
}

bool kernel_has_weights(const struct kernel *kernel, uint32_t cpu)
{
	return cpu < kernel->cpus_n &&
	       __atomic_load_n(&kernel->cpus[cpu].since_ns, __ATOMIC_RELAXED);
}

int kernel_weigh(struct kernel *kernel, uint32_t cpu, struct kernel_weights *weights)
{
	const struct cpu_state *state = &kernel->cpus[cpu];
	int err = is_idle(state) ? 0 : kernel_account_running(kernel, cpu);
	uint32_t i;

	for (i = 0; i < MAX_WEIGHTS; i++)
		weights->weights[i] = __atomic_load_n(&state->weights[i], __ATOMIC_RELAXED);
	weights->busy_ns = __atomic_load_n(&state->busy_ns, __ATOMIC_RELAXED);
	return err;
}

int kernel_set_event(struct kernel *kernel, uint32_t cpu, uint32_t counter, int perf_fd)
{
	uint32_t slot = cpu * kernel->counters_n + counter;
	int err;

	privilege_raise();
	err = bpf_map_update_elem(kernel->programs->events_fd, &slot, &perf_fd, BPF_ANY);
	privilege_lower();
	return err;
}

void kernel_set_absent(struct kernel *kernel, uint32_t cpu, uint32_t mask)
{
	if (cpu < kernel->cpus_n)
		__atomic_store_n(&kernel->cpus[cpu].absent, mask, __ATOMIC_RELAXED);
}

void kernel_clear_base(struct kernel *kernel, uint32_t cpu)
{
	volatile struct counter *base = kernel->cpus[cpu].base;
	uint32_t i;

	for (i = 0; i < kernel->counters_n; i++)
		base[i].enabled_ns = 0;
}

uint32_t kernel_root(const struct kernel *kernel)
{
	return kernel->programs->run->root.pid;
}

bool kernel_root_gone(const struct kernel *kernel)
{
	return __atomic_load_n(&kernel->programs->run->root_pending, __ATOMIC_RELAXED) == ROOT_GONE;
}

int64_t kernel_alive(const struct kernel *kernel)
{
	const struct run_state *run = kernel->programs->run;

	return __atomic_load_n(&run->alive, __ATOMIC_RELAXED) -
	       __atomic_load_n(&run->left, __ATOMIC_RELAXED);
}

void kernel_wake_always(struct kernel *kernel)
{
	__atomic_store_n(&kernel->programs->run->wake_always, 1, __ATOMIC_SEQ_CST);
}

struct losses kernel_losses(const struct kernel *kernel)
{
	const struct losses *now = &kernel->programs->run->losses;

	return (struct losses){
		.tasks = __atomic_load_n(&now->tasks, __ATOMIC_RELAXED),
		.ring_full = __atomic_load_n(&now->ring_full, __ATOMIC_RELAXED),
		.records = __atomic_load_n(&now->records, __ATOMIC_RELAXED),
		.execs = __atomic_load_n(&now->execs, __ATOMIC_RELAXED),
		.args = __atomic_load_n(&now->args, __ATOMIC_RELAXED),
		.ranks = __atomic_load_n(&now->ranks, __ATOMIC_RELAXED),
		.reads = __atomic_load_n(&now->reads, __ATOMIC_RELAXED),
		.slices = __atomic_load_n(&now->slices, __ATOMIC_RELAXED),
		.hidden = __atomic_load_n(&now->hidden, __ATOMIC_RELAXED),
		.outside = __atomic_load_n(&now->outside, __ATOMIC_RELAXED),
	};
}

uint64_t kernel_records(const struct kernel *kernel)
{
	return kernel->records_n;
}

int kernel_fd(const struct kernel *kernel)
{
	return ring_buffer__epoll_fd(kernel->ring);
}
