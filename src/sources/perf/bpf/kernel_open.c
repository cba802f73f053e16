/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Maps what the agent and the programs share, and receives the records of the ring. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "linux/descriptors.h"
#include "linux/privilege.h"
#include "sources/perf/bpf/kernel.h"
#include "sources/perf/bpf/kernel_internal.h"
#include "sources/perf/processes.h"

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
	kernel_free(kernel);
	return descriptors_log(err, "map the BPF maps");
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
