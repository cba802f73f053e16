/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/kernel.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "core/log.h"
#include "linux/privilege.h"
#include "sources/perf/bpf/kernel_internal.h"
#include "sources/perf/processes.h"

/* --- the ring --------------------------------------------------------------------------------- */

/* The ring is mapped read-only. */
static int receive_root(struct kernel *kernel, const struct task_record *record, size_t size)
{
	struct task_record copy = {0};

	memcpy(&copy, record, size < sizeof(copy) ? size : sizeof(copy));
	kernel_subtract_root_base(kernel, &copy);
	return processes_take(kernel->processes, &copy.header);
}

static int receive(void *data, void *bytes, size_t size)
{
	const struct record_header *header = bytes;
	const struct task_record *task = bytes;
	struct kernel *kernel = data;

	if (size < sizeof(*header))
		return -EPROTO;
	if (header->type == RECORD_TASK && size > offsetof(struct task_record, flags) &&
	    task->flags & TASK_ROOT)
		return receive_root(kernel, task, size);
	return processes_take(kernel->processes, header);
}

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

static size_t round_up_to_page(size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

/* Map an array of n entries of this size. Returns 0 or a negative errno. */
static int map_array(int fd, size_t n, size_t entry, void **array, size_t *size)
{
	void *at;

	*size = round_up_to_page(n * entry);
	at = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	*array = at;
	return 0;
}

static int map_arrays(struct kernel *kernel)
{
	const struct programs *programs = kernel->programs;
	const uint32_t n = kernel->cpus_n;
	int err = map_array(programs->cpus_fd, n, sizeof(*kernel->cpus), (void **)&kernel->cpus,
	                    &kernel->cpus_size);

	if (err || !kernel->weights_n)
		return err;
	kernel->changes_taken = calloc(n, sizeof(*kernel->changes_taken));
	if (!kernel->changes_taken)
		return -ENOMEM;
	return map_array(programs->changes_fd, n * kernel->changes_n, sizeof(*kernel->changes),
	                 (void **)&kernel->changes, &kernel->changes_size);
}

int kernel_new(struct programs *programs, const struct programs_request *request,
               struct processes *processes, struct kernel **result)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	int err = -ENOMEM;

	if (!kernel)
		goto fail;
	kernel->programs = programs;
	kernel->processes = processes;
	kernel->counters_n = request->counters_n;
	kernel->weights_n = request->weights_n;
	kernel->groups_n = request->groups_n;
	kernel->changes_n = programs_changes(request);
	kernel->cpus_n = request->cpus_n;
	err = kernel_grow_batch(kernel);
	if (!err)
		err = map_arrays(kernel);
	if (err)
		goto fail;
	privilege_raise();
	kernel->ring = ring_buffer__new(programs->ring_fd, receive, kernel, NULL);
	err = kernel->ring ? 0 : -errno;
	privilege_lower();
	if (err)
		goto fail;
	*result = kernel;
	return 0;
fail:
	log_error("cannot map the BPF maps: %s", strerror(-err));
	kernel_free(kernel);
	return err;
}

void kernel_free(struct kernel *kernel)
{
	if (!kernel)
		return;
	ring_buffer__free(kernel->ring);
	if (kernel->cpus)
		munmap(kernel->cpus, kernel->cpus_size);
	if (kernel->changes)
		munmap(kernel->changes, kernel->changes_size);
	free(kernel->changes_taken);
	free(kernel->keys);
	free(kernel->accounts);
	free(kernel);
}
