/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A kernel to read from, while its programs go on writing. libbpf's functions are replaced: the
 * maps are arrays here, and change when a test says so. To be included once in a program.
 */
#ifndef TESTS_UNIT_KERNEL_PLAYED_H
#define TESTS_UNIT_KERNEL_PLAYED_H

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/change.h"
#include "perf_support.h"
#include "sources/perf/bpf/kernel.h"
#include "sources/perf/processes.h"

#define TASKS_FD 1000
#define ENTRIES_MAX 300
#define FREE UINT64_MAX
#define CHANGES_SIZE ((size_t)128 * 1024)

/* --- a kernel --------------------------------------------------------------------------------- */

/* Keys are even, as addresses are, but for accounts that have ended and wait. */
struct fake_map {
	struct task_record entries[ENTRIES_MAX];
	uint64_t keys[ENTRIES_MAX]; /* 2 * index, or 2 * index + 1; FREE */
	uint32_t bucket;            /* entries that are copied at once or not at all */
};

struct fake_kernel {
	struct fake_map tasks;
	struct record_header *ring[16]; /* not yet consumed */
	size_t n_ring;
	ring_buffer_sample_fn receive;
	void *receive_data;
	struct run_state run;
	struct cpu_state *cpus; /* as the agent has them mapped */
	struct change *changes;
	uint32_t changes_n; /* of each CPU */
	bool knows;         /* every task: a change of one needs no look-up */
	void (*at_lookup)(struct fake_kernel *fake, uint64_t key); /* before it is answered */
	unsigned int lookups;
	/* What the agent was given, by token, in order. */
	struct {
		uint64_t token;
		bool alive, is_weight; /* of a weight cpu_ns is the weight */
		uint64_t cpu_ns, read_chars;
		uint32_t flags;
		char comm[COMM_SIZE];
	} given[4 * ENTRIES_MAX];
	size_t n_given;
	unsigned int snapshots,
		in_snapshot; /* that processes_begin_snapshot() and so on were told */
	struct programs programs;
	struct kernel *kernel;
};

static struct fake_kernel *fake;

static inline bool is_present(const struct fake_map *map, uint32_t i)
{
	return map->keys[i] != FREE;
}

/*
 * As the kernel's __htab_map_lookup_and_delete_batch(), that takes nothing here: whole buckets,
 * ENOENT behind the last.
 */
static inline int batch(const struct fake_map *map, void *in, void *out, uint64_t *keys,
                        struct task_record *values, __u32 *count)
{
	uint32_t at = 0, n = 0;
	uint32_t room = *count;

	if (in)
		memcpy(&at, in, sizeof(at));
	*count = 0;
	while (at < ENTRIES_MAX) {
		uint32_t here = 0;

		for (uint32_t i = at; i < at + map->bucket && i < ENTRIES_MAX; i++)
			here += is_present(map, i);
		if (here > room - n) {
			if (!n)
				return -ENOSPC;
			break;
		}
		for (uint32_t i = at; i < at + map->bucket && i < ENTRIES_MAX; i++) {
			if (!is_present(map, i))
				continue;
			keys[n] = map->keys[i];
			values[n++] = map->entries[i];
		}
		at += map->bucket;
	}
	*count = n;
	memcpy(out, &at, sizeof(at));
	return at < ENTRIES_MAX ? 0 : -ENOENT;
}

int bpf_map_lookup_batch(int fd, void *in, void *out, void *keys, void *values, __u32 *count,
                         const struct bpf_map_batch_opts *opts)
{
	return batch(&fake->tasks, in, out, keys, values, count);
}

int bpf_map_delete_elem(int fd, const void *key)
{
	uint64_t number;

	memcpy(&number, key, sizeof(number));
	if (fake->tasks.keys[number / 2] != number)
		return -ENOENT;
	fake->tasks.keys[number / 2] = FREE;
	return 0;
}

int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	uint64_t number;

	memcpy(&number, key, sizeof(number));
	fake->lookups++;
	if (fake->at_lookup)
		fake->at_lookup(fake, number);
	if (fake->tasks.keys[number / 2] != number)
		return -ENOENT;
	memcpy(value, &fake->tasks.entries[number / 2], sizeof(struct task_record));
	return 0;
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	return 0;
}

int programs_demand_fd(struct programs *programs)
{
	return 0;
}

int bpf_prog_test_run_opts(int fd, struct bpf_test_run_opts *opts)
{
	uint64_t arguments[2];

	if (!opts->ctx_in || opts->ctx_size_in != sizeof(arguments))
		return -EINVAL;
	memcpy(arguments, opts->ctx_in, sizeof(arguments));
	if (arguments[0] != DEMAND_FIELDS || fake->tasks.keys[arguments[1] / 2] != arguments[1])
		return 0;
	fake->run.reading = (struct task_reading){.comm = "renamed"};
	fake->run.reading.fields[TASK_READ_CHARS] = arguments[1];
	opts->retval = 1;
	return 0;
}

struct ring_buffer *ring_buffer__new(int fd, ring_buffer_sample_fn receive, void *data,
                                     const struct ring_buffer_opts *opts)
{
	fake->receive = receive;
	fake->receive_data = data;
	return (struct ring_buffer *)fake;
}

void ring_buffer__free(struct ring_buffer *ring)
{
}

int ring_buffer__epoll_fd(const struct ring_buffer *ring)
{
	return 77;
}

int ring_buffer__consume(struct ring_buffer *ring)
{
	size_t n = fake->n_ring;

	fake->n_ring = 0;
	for (size_t i = 0; i < n; i++) {
		int err = fake->receive(fake->receive_data, fake->ring[i], fake->ring[i]->size);

		if (err < 0)
			return err;
	}
	return (int)n;
}

/* --- the agent -------------------------------------------------------------------------------- */

static inline int give(const struct task_record *record, bool alive)
{
	fake->given[fake->n_given].token = record->token;
	fake->given[fake->n_given].cpu_ns = record->cpu_ns;
	fake->given[fake->n_given].flags = record->flags;
	fake->given[fake->n_given].read_chars = record->fields[TASK_READ_CHARS];
	memcpy(fake->given[fake->n_given].comm, record->comm, COMM_SIZE);
	fake->given[fake->n_given++].alive = alive;
	return 0;
}

int processes_task_ended(struct processes *table, const struct task_record *record)
{
	return give(record, false);
}

int processes_task_alive(struct processes *table, const struct task_record *record)
{
	return give(record, true);
}

void processes_begin_snapshot(struct processes *table)
{
	fake->snapshots++;
	fake->in_snapshot = 0;
}

void processes_in_snapshot(struct processes *table, struct process_id id)
{
	fake->in_snapshot++;
}

void processes_prefetch(struct processes *table, uint64_t token)
{
}

bool processes_task_weighed(struct processes *table, uint64_t token,
                            const struct weights_seen *seen)
{
	assert_int_equal(seen->n, 1);
	assert_int_equal(seen->group, 1);
	assert_int_equal(seen->groups_n, 2);
	if (!fake->knows)
		return false;
	fake->given[fake->n_given].token = token;
	fake->given[fake->n_given].is_weight = true;
	fake->given[fake->n_given++].cpu_ns = seen->weights[0];
	return true;
}

bool processes_knows(struct processes *table, const struct task_record *record)
{
	return false;
}

int processes_take(struct processes *table, const struct record_header *record)
{
	struct task_record seen = {0};

	switch (record->type) {
	case RECORD_TASK:
		return processes_task_ended(table, (const struct task_record *)record);
	case RECORD_EXEC:
		seen.token = ((const struct exec_record *)record)->process.start_ns;
		return give(&seen, false);
	case RECORD_ARGS:
		return 0;
	default:
		return -EPROTO;
	}
}

static inline int make(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const struct programs_request request = {
		.counters_n = 2,
		.cpus_n = 2,
		.weights_n = 1,
		.groups_n = 2,
	};
	FILE *cpus = tmpfile(), *changes = tmpfile();

	fake = calloc(1, sizeof(*fake));
	fake->tasks.bucket = 1;
	for (uint32_t i = 0; i < ENTRIES_MAX; i++)
		fake->tasks.keys[i] = FREE;
	if (!cpus || !changes || ftruncate(fileno(cpus), (off_t)(16 * page)) ||
	    ftruncate(fileno(changes), (off_t)CHANGES_SIZE))
		return -1;
	fake->programs = (struct programs){
		.reserve_fd = -1,
		.tasks_fd = TASKS_FD,
		.cpus_fd = fileno(cpus),
		.changes_fd = fileno(changes),
		.run = &fake->run,
	};
	fake->changes_n = programs_changes(&request);
	fake->changes =
		mmap(NULL, CHANGES_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(changes), 0);
	fake->cpus = mmap(NULL, 16 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(cpus), 0);
	if (fake->cpus == MAP_FAILED || fake->changes == MAP_FAILED ||
	    kernel_new(&fake->programs, &request, NULL, &fake->kernel))
		return -1;
	fake->cpus[0].group = fake->cpus[1].group = 1;
	fclose(cpus);
	fclose(changes);
	*state = fake;
	return 0;
}

static inline int unmake(void **state)
{
	kernel_free(fake->kernel);
	munmap(fake->cpus, 16 * (size_t)sysconf(_SC_PAGESIZE));
	munmap(fake->changes, CHANGES_SIZE);
	free(fake);
	return 0;
}

/* A task in the map, with the index for its number. */
static inline struct task_record *add_task(struct fake_map *map, uint32_t i)
{
	if (!is_present(map, i))
		fake->run.alive++;
	map->keys[i] = 2 * i;
	map->entries[i] = thread_of(process_id(100, 1000), 100 + i, 1000 + i);
	map->entries[i].seq = 2;
	map->entries[i].cpu_ns = i;
	return &map->entries[i];
}

/* One that has ended and found the ring full. */
static inline void add_kept(struct fake_map *map, uint32_t i)
{
	add_task(map, i)->flags |= TASK_ENDED;
	map->keys[i] = 2 * i + 1;
}

#endif
