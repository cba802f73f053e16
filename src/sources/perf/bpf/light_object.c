/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/light_object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sources/perf/bpf/loading.h"

#include <bpf/skel_internal.h>

/* The index of the program, or n. */
static size_t find_program(const struct light_object *object, const char *name)
{
	size_t i = 0;

	while (i < object->n && strcmp(object->programs[i].name, name) != 0)
		i++;
	return i;
}

static int *program_fd(const struct light_object *object, void *skeleton, size_t i)
{
	return (int *)((char *)skeleton + object->programs[i].descriptor);
}

/*
 * The loader does not load programs: keep the attributes that it passes, with everything that they
 * point to, and a duplicate of the type information, because the loader closes its own.
 */
static int keep_load(struct light_object *object, const union bpf_attr *attr, uint32_t size)
{
	size_t i = find_program(object, attr->prog_name);

	if (i == object->n || size > sizeof(*attr))
		return -ENOTSUP;
	if (!object->btf_fd)
		object->btf_fd = fcntl((int)attr->prog_btf_fd, F_DUPFD_CLOEXEC, 1);
	if (object->btf_fd < 0)
		return -errno;
	memcpy(&object->loads[i].attr, attr, size);
	object->loads[i].attr.prog_btf_fd = (__u32)object->btf_fd;
	/*
	 * Line information only serves the verifier's log, and the kernel walks through it for each
	 * instruction that it removes.
	 */
	object->loads[i].attr.line_info_cnt = 0;
	object->loads[i].size = size;
	return 0;
}

static int share_map(struct light_object *object, int fd)
{
	int copy;

	if (object->shared_n == sizeof(object->shared) / sizeof(*object->shared))
		return -E2BIG;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 1);
	if (copy < 0)
		return -errno;
	object->shared[object->shared_n++] = copy;
	return copy;
}

/* Where entries cannot be allocated on demand, maps are preallocated. */
static bool adjust_map(struct light_object *object, union bpf_attr *attr, int *result)
{
	const int fd = object->map ? object->map(object->context, attr) : LIGHT_MAP_NEW;

	if (fd == LIGHT_MAP_NEW) {
		if (!object->on_demand ||
		    (object->whole_map && strcmp(attr->map_name, object->whole_map) == 0))
			attr->map_flags &= ~(__u32)BPF_F_NO_PREALLOC;
		return false;
	}
	*result = fd <= LIGHT_MAP_NONE ? fd : share_map(object, fd);
	return true;
}

/* Whether the map belongs to another object, whose values must not be set. */
static bool is_others(const struct light_object *object, int map_fd)
{
	if (!map_fd)
		return true;
	for (size_t i = 0; i < object->shared_n; i++) {
		if (object->shared[i] == map_fd)
			return true;
	}
	return false;
}

static bool adjust(void *context, int command, union bpf_attr *attr, uint32_t size, int *result)
{
	struct light_object *object = context;

	*result = 0;
	switch (command) {
	case BPF_MAP_CREATE:
		return adjust_map(object, attr, result);
	case BPF_MAP_UPDATE_ELEM:
	case BPF_MAP_FREEZE:
		return is_others(object, (int)attr->map_fd);
	case BPF_PROG_LOAD:
		if (object->needs(object->context, attr->prog_name))
			*result = keep_load(object, attr, size);
		return true;
	default:
		return false;
	}
}

static int load_kept(struct light_object *object, void *skeleton)
{
	const bool attach = object->attaches && object->attaches(object->context);
	int err;

	for (size_t i = 0; i < object->n; i++) {
		struct program_load *load = &object->active[object->active_n];

		if (!object->loads[i].size ||
		    (object->late && strcmp(object->programs[i].name, object->late) == 0))
			continue;
		*load = object->loads[i];
		load->tracepoint = attach ? object->programs[i].tracepoint : NULL;
		object->active_n++;
		object->loads[i].size = 0;
	}
	err = program_loads_run(&object->team, object->active, object->active_n);
	for (size_t i = 0; i < object->active_n; i++) {
		const struct program_load *load = &object->active[i];

		*program_fd(object, skeleton, find_program(object, load->attr.prog_name)) =
			load->fd < 0 ? 0 : load->fd;
	}
	return err;
}

void light_object_finish(struct light_object *object, void *skeleton)
{
	program_loads_end(&object->team);
	for (size_t i = 0; i < object->active_n; i++) {
		const struct program_load *load = &object->active[i];
		size_t program = find_program(object, load->attr.prog_name);

		if (load->link_fd)
			*(int *)((char *)skeleton + object->programs[program].link) =
				load->link_fd;
	}
	object->active_n = 0;
}

/* --- the loader's data ------------------------------------------------------------------------ */

/* The pages that contain the data, and their size. */
static void *pages_of(const struct light_object *object, size_t *size)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	const uintptr_t begin = (uintptr_t)object->data & ~(page - 1);

	*size = ((uintptr_t)object->data + object->data_size - begin + page - 1) & ~(page - 1);
	return (void *)begin;
}

/*
 * Make the pages of the data writable. They are a private mapping of the program's file, and the
 * loader changes only a few of the 56 pages; a copy of all would take a sixth of a millisecond.
 */
static int borrow_data(struct light_object *object)
{
	size_t size;
	void *pages = pages_of(object, &size);

	return mprotect(pages, size, PROT_READ | PROT_WRITE) ? -errno : 0;
}

/* Restore the pages from the file, and make them read-only again. */
static void return_data(const struct light_object *object)
{
	size_t size;
	void *pages = pages_of(object, &size);

	madvise(pages, size, MADV_DONTNEED);
	mprotect(pages, size, PROT_READ);
}

static int take_data(struct light_object *object, const struct light_loader *loader)
{
	int err = 0;

	object->data_size = loader->data_size;
	object->data = object->in_place ? loader->data : malloc(loader->data_size);
	if (!object->data)
		return -ENOMEM;
	if (object->in_place)
		err = borrow_data(object);
	else
		memcpy(object->data, loader->data, loader->data_size);
	if (err)
		object->data = NULL;
	return err;
}

static void drop_data(struct light_object *object)
{
	if (object->data && object->in_place)
		return_data(object);
	else
		free(object->data);
	object->data = NULL;
}

/* --- the object ------------------------------------------------------------------------------- */

static void prepare_nothing(void)
{
}

bool light_object_begin(struct light_object *object, void (*first)(void *data), void *data)
{
	object->is_begun = true;
	return program_loads_begin(&object->team, first, data);
}

void light_object_prepare(struct light_object *object)
{
	program_loads_prepare(&object->team, object->prepare ? object->prepare : prepare_nothing);
}

int light_object_go_on(struct light_object *object, void *skeleton, bool has_maps)
{
	if (has_maps)
		return load_kept(object, skeleton);
	return program_loads_run(&object->team, NULL, 0);
}

int light_object_load(struct light_object *object, void *skeleton,
                      const struct light_loader *loader)
{
	struct light_loader own = *loader;
	int err = take_data(object, loader);

	if (err)
		return err;
	own.data = object->data;
	object->on_demand = maps_allocate_on_demand();
	if (object->is_begun)
		return light_loader_run(&own, skeleton, adjust, object);
	program_loads_begin(&object->team, NULL, NULL);
	light_object_prepare(object);
	err = light_loader_run(&own, skeleton, adjust, object);
	if (!err)
		return load_kept(object, skeleton);
	program_loads_run(&object->team, NULL, 0);
	return err;
}

int light_object_run(struct light_object *object, const struct bpf_load_and_run_opts *opts)
{
	const struct light_loader loader = {
		.instructions = opts->insns,
		.n = opts->insns_sz / sizeof(struct bpf_insn),
		.data = (void *)opts->data,
		.data_size = opts->data_sz,
	};

	return light_object_load(object, opts->ctx, &loader);
}

int light_object_load_late(struct light_object *object, void *skeleton)
{
	size_t i = find_program(object, object->late);
	int err = program_load_one(&object->loads[i]);

	if (err)
		return err;
	*program_fd(object, skeleton, i) = object->loads[i].fd;
	light_object_drop(object);
	return *program_fd(object, skeleton, i);
}

void light_object_drop(struct light_object *object)
{
	if (object->btf_fd > 0)
		close(object->btf_fd);
	object->btf_fd = 0;
	drop_data(object);
	memset(object->loads, 0, sizeof(object->loads));
}
