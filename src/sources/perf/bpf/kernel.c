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

/* Accounts copied out of a map with one system call. */
#define BATCH 64

/* A task that switches all the time may change its account while it is read; then once more. */
#define SNAPSHOT_TRIES 100

struct kernel {
	struct programs *programs;
	const struct kernel_receiver *receiver;
	struct ring_buffer *ring;
	struct cpu_state *cpus; /* mapped; indexed by CPU number */
	size_t cpus_size;
	uint32_t counters_n;
	bool with_fields;    /* of the snapshot that is being taken */
	uint32_t ending_n;   /* kernel_ending() */
	uint64_t kept_taken; /* accounts collected that had found the ring full */
	uint32_t batch_n;    /* room in keys and accounts */
	uint64_t *keys;
	struct task_record *accounts;
};

/* --- the ring ---------------------------------------------------------------------------------- */

static int receive(void *data, void *bytes, size_t size)
{
	const struct kernel_receiver *receiver = data;
	const struct record_header *header = bytes;

	if (size < sizeof(*header))
		return -EPROTO;
	switch (header->type) {
	case RECORD_TASK:
		return receiver->ended(receiver->data, bytes);
	case RECORD_EXEC:
		return receiver->executed(receiver->data, bytes);
	case RECORD_ARGS:
		return receiver->more_args(receiver->data, bytes);
	default:
		return -EPROTO;
	}
}

/* --- the programs that the agent runs ----------------------------------------------------------- */

/* Run on_demand here, or with cpu >= 0 there. Returns what it does, or a negative errno. */
static int run_on_demand(struct kernel *kernel, enum demand demand, uint64_t subject, int cpu)
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

/* --- the maps ---------------------------------------------------------------------------------- */

/*
 * Call the system's batch operation until it fits: a bucket with more entries than there is room
 * for gives ENOSPC.
 */
static int grow_batch(struct kernel *kernel)
{
	uint32_t n = kernel->batch_n ? 2 * kernel->batch_n : BATCH;
	uint64_t *keys = realloc(kernel->keys, n * sizeof(*keys));
	struct task_record *accounts;

	if (!keys)
		return -ENOMEM;
	kernel->keys = keys;
	accounts = realloc(kernel->accounts, n * sizeof(*accounts));
	if (!accounts)
		return -ENOMEM;
	kernel->accounts = accounts;
	kernel->batch_n = n;
	return 0;
}

/* Copies the next entries of the map; *n is 0 and the result -ENOENT at its end. */
static int next_batch(struct kernel *kernel, int map_fd, uint64_t *position, bool first,
                      uint32_t *n)
{
	int err;

	for (;;) {
		*n = kernel->batch_n;
		err = bpf_map_lookup_batch(map_fd, first ? NULL : position, position, kernel->keys,
		                           kernel->accounts, n, NULL);
		if (err != -ENOSPC)
			return err;
		err = grow_batch(kernel);
		if (err)
			return err;
	}
}

/* Calls visit for each entry of the map. Returns the first that is not 0 of what it returns. */
static int for_each_entry(struct kernel *kernel, int map_fd,
                          int (*visit)(struct kernel *kernel, int map_fd, uint64_t key,
                                       struct task_record *account))
{
	uint64_t position = 0;
	bool first = true;
	uint32_t n, i;

	for (;;) {
		int end = next_batch(kernel, map_fd, &position, first, &n);

		if (end && end != -ENOENT)
			return end;
		for (i = 0; i < n; i++) {
			int err = visit(kernel, map_fd, kernel->keys[i], &kernel->accounts[i]);

			if (err)
				return err;
		}
		if (end)
			return 0;
		first = false;
	}
}

/* Of an account that waits to be collected; that of a living task is an address. */
static bool is_number(uint64_t key)
{
	return key & 1;
}

/*
 * An account that found the ring full. Its process's exec records are in the ring before it, so the
 * ring is drained between taking it and passing it on.
 */
static int take_kept(struct kernel *kernel, int map_fd, uint64_t key, struct task_record *account)
{
	int err;

	if (!is_number(key))
		return 0;
	err = bpf_map_delete_elem(map_fd, &key);
	if (err)
		return err;
	kernel->kept_taken++;
	err = ring_buffer__consume(kernel->ring);
	return err < 0 ? err : kernel->receiver->ended(kernel->receiver->data, account);
}

static int collect_kept(struct kernel *kernel)
{
	int reserve_fd = kernel->programs->reserve_fd;
	int err = 0;

	privilege_raise();
	if (reserve_fd >= 0)
		err = for_each_entry(kernel, reserve_fd, take_kept);
	if (!err)
		err = for_each_entry(kernel, kernel->programs->tasks_fd, take_kept);
	privilege_lower();
	return err;
}

/*
 * Each account that found the ring full was counted before it was put into a map, or was lost:
 * until as many have come as were counted, a map may have one.
 */
int kernel_drain(struct kernel *kernel)
{
	struct losses losses;
	int err = ring_buffer__consume(kernel->ring);

	if (err < 0)
		return err;
	losses = kernel_losses(kernel);
	return kernel->kept_taken + losses.records < losses.ring_full ? collect_kept(kernel) : 0;
}

/*
 * Whether the copy of an account is of one moment and still that of its task: the entry of a task
 * that ended is given to another at once, in the middle of a copy too. The writer makes seq odd
 * before and even after. On a CPU that lets others see its writes in another order (arm64) seq alone
 * would not tell, so both copies must be the same: no write is on its way for as long as a system
 * call takes.
 */
static bool is_whole(const struct task_record *copy, const struct task_record *again)
{
	return copy->tid && !(copy->seq & 1) && memcmp(copy, again, sizeof(*copy)) == 0;
}

/* Returns 1 when the fields were read, 0 when the task has ended, or a negative errno. */
static int read_fields(struct kernel *kernel, uint64_t key, struct task_record *account)
{
	const struct task_reading *reading = &kernel->programs->run->reading;
	int result = run_on_demand(kernel, DEMAND_FIELDS, key, -1);

	if (result == 1) {
		memcpy(account->fields, reading->fields, sizeof(account->fields));
		memcpy(account->comm, reading->comm, sizeof(account->comm));
		kernel->ending_n += reading->is_ending != 0;
	}
	return result;
}

static void clear_fields(struct task_record *account)
{
	size_t i;

	for (i = 0; i < TASK_FIELDS_N; i++)
		account->fields[i] = TASK_FIELD_NONE;
}

static int pass_whole(struct kernel *kernel, uint64_t key, struct task_record *account)
{
	int alive = 1;

	if (kernel->with_fields)
		alive = read_fields(kernel, key, account);
	else
		clear_fields(account);
	if (alive <= 0)
		return alive;
	return kernel->receiver->alive(kernel->receiver->data, account);
}

/*
 * Told before, and even: no write had begun when the copy's seq was read. Most of many tasks sleep, and
 * the second copy is a system call.
 */
static bool is_known(const struct kernel *kernel, const struct task_record *account)
{
	return !kernel->with_fields && kernel->receiver->is_known && account->tid &&
	       !(account->seq & 1) && kernel->receiver->is_known(kernel->receiver->data, account);
}

static int pass_alive(struct kernel *kernel, int map_fd, uint64_t key, struct task_record *account)
{
	struct task_record again;
	int tries;

	if (is_number(key) || account->flags & TASK_PENDING || is_known(kernel, account))
		return 0;
	for (tries = 0; tries < SNAPSHOT_TRIES; tries++) {
		if (bpf_map_lookup_elem(map_fd, &key, &again))
			return 0; /* ended meanwhile: its last record is on its way */
		if (again.flags & TASK_ENDED)
			return 0; /* as good as out of the map: its last record may have come */
		if (is_whole(account, &again))
			return pass_whole(kernel, key, account);
		*account = again;
	}
	return 0;
}

int kernel_snapshot(struct kernel *kernel, bool with_fields)
{
	int err;

	kernel->with_fields = with_fields;
	kernel->ending_n = 0;
	privilege_raise();
	err = for_each_entry(kernel, kernel->programs->tasks_fd, pass_alive);
	privilege_lower();
	return err;
}

uint32_t kernel_ending(const struct kernel *kernel)
{
	return kernel->ending_n;
}

/* --- control ----------------------------------------------------------------------------------- */

int kernel_arm(struct kernel *kernel)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	int err;

	privilege_raise();
	err = bpf_prog_test_run_opts(kernel->programs->arm_fd, &options);
	privilege_lower();
	return err;
}

int kernel_account_running(struct kernel *kernel, uint32_t cpu)
{
	return run_on_demand(kernel, DEMAND_ACCOUNT, 0, (int)cpu);
}

void kernel_set_weighing(struct kernel *kernel, uint32_t cpu, uint32_t group, uint32_t factor)
{
	struct cpu_state *state = &kernel->cpus[cpu];

	__atomic_store_n(&state->group, group, __ATOMIC_RELAXED);
	__atomic_store_n(&state->factor, factor, __ATOMIC_RELAXED);
}

static bool is_idle(const struct cpu_state *state)
{
	const uint64_t idle = __atomic_load_n(&state->idle, __ATOMIC_RELAXED);

	return idle && __atomic_load_n(&state->current, __ATOMIC_RELAXED) == idle;
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
	return __atomic_load_n(&kernel->programs->run->alive, __ATOMIC_RELAXED);
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
		.reads = __atomic_load_n(&now->reads, __ATOMIC_RELAXED),
		.slices = __atomic_load_n(&now->slices, __ATOMIC_RELAXED),
		.hidden = __atomic_load_n(&now->hidden, __ATOMIC_RELAXED),
	};
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

int kernel_new(struct programs *programs, uint32_t counters_n, uint32_t cpus_n,
               const struct kernel_receiver *receiver, struct kernel **result)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	void *cpus;
	int err = -ENOMEM;

	if (!kernel)
		goto fail;
	kernel->programs = programs;
	kernel->receiver = receiver;
	kernel->counters_n = counters_n;
	kernel->cpus_size = round_up_to_page(cpus_n * sizeof(struct cpu_state));
	err = grow_batch(kernel);
	if (err)
		goto fail;
	cpus = mmap(NULL, kernel->cpus_size, PROT_READ | PROT_WRITE, MAP_SHARED, programs->cpus_fd,
	            0);
	if (cpus == MAP_FAILED) {
		err = -errno;
		goto fail;
	}
	kernel->cpus = cpus;
	privilege_raise();
	kernel->ring = ring_buffer__new(programs->ring_fd, receive, (void *)receiver, NULL);
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
	free(kernel->keys);
	free(kernel->accounts);
	free(kernel);
}
