/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/light.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sources/perf/bpf/light_loader.h"
#include "sources/perf/bpf/loading.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wcast-qual"
#include <bpf/skel_internal.h>
/* Put in the place of the skeleton's own functions. */
static int run_loader(struct bpf_load_and_run_opts *opts);
static void *alloc_light(size_t size);
#define bpf_load_and_run run_loader
#define skel_alloc alloc_light
#include "alumet.light.h"
#undef bpf_load_and_run
#undef skel_alloc
#pragma GCC diagnostic pop

/*
 * A program that is loaded when it is needed: the command that loads it, what that points to, and the
 * type information, which the loader closes.
 */
struct waiting_load {
	union bpf_attr attr;
	void *data; /* NULL: nothing waits */
	uint32_t size;
	int btf_fd;
};

struct light {
	struct alumet_light skeleton; /* first: the generated functions take it for the whole */
	struct waiting_load demand;
};

static void *alloc_light(size_t size)
{
	(void)size;
	return calloc(1, sizeof(struct light));
}

static bool let_wait(struct waiting_load *load, const union bpf_attr *attr, uint32_t size)
{
	if (size > sizeof(load->attr))
		return false;
	load->btf_fd = fcntl((int)attr->prog_btf_fd, F_DUPFD_CLOEXEC, 0);
	if (load->btf_fd < 0)
		return false;
	memcpy(&load->attr, attr, size);
	load->size = size;
	load->attr.prog_btf_fd = (__u32)load->btf_fd;
	return true;
}

static void stop_waiting(struct waiting_load *load)
{
	if (!load->data)
		return;
	close(load->btf_fd);
	free(load->data);
	load->data = NULL;
}

/*
 * What the light skeleton has built in, as this kernel and this run need it: maps that have every entry
 * from the start; the programs that are needed, without the lines of their source, which only the
 * verifier's log has a use for: for each instruction that is removed the kernel goes through all of them.
 */
static bool adjust(void *context, int command, union bpf_attr *attr, uint32_t size, int *result)
{
	struct light *light = context;

	*result = 0;
	if (command == BPF_MAP_CREATE && !maps_allocate_on_demand())
		attr->map_flags &= ~(__u32)BPF_F_NO_PREALLOC;
	if (command != BPF_PROG_LOAD)
		return false;
	attr->line_info_cnt = 0;
	if (!program_is_needed(&light->skeleton.rodata->config, attr->prog_name))
		return true;
	return strcmp(attr->prog_name, "on_demand") == 0 && let_wait(&light->demand, attr, size);
}

/* Here if that can be, else in the kernel, as it is meant to, with the maps as they are. */
static int run_loader(struct bpf_load_and_run_opts *opts)
{
	struct light *light = (struct light *)opts->ctx;
	void *data = malloc(opts->data_sz);
	int err;

	if (!data)
		return -ENOMEM;
	memcpy(data, opts->data, opts->data_sz);
	err = light_loader_run_adjusted(opts->insns, opts->insns_sz / sizeof(struct bpf_insn), data,
	                                opts->data_sz, light, adjust);
	if (light->demand.btf_fd > 0)
		light->demand.data = data;
	else
		free(data);
	if (err == -ENOTSUP && maps_allocate_on_demand())
		return bpf_load_and_run(opts);
	return err;
}

int light_load(const struct programs_request *request, struct programs *programs)
{
	struct alumet_light *light = alumet_light__open();
	int err;

	if (!light)
		return -ENOMEM;
	light->rodata->config = loading_config(request);
	light->rodata->config.direct = true;
	light->maps.tasks.max_entries = request->tasks_max;
	light->maps.ring.max_entries = request->ring_bytes;
	light->maps.events.max_entries = loading_events(request);
	light->maps.cpus.max_entries = request->cpus_n;
	light->maps.scratches.max_entries = loading_scratches(request);
	err = alumet_light__load(light);
	if (err) {
		stop_waiting(&((struct light *)light)->demand);
		alumet_light__destroy(light);
		return err < 0 ? err : -err;
	}
	*programs = (struct programs){
		.skeleton = light,
		.is_light = true,
		.tasks_fd = light->maps.tasks.map_fd,
		.reserves_fd = light->maps.reserves.map_fd,
		.reserve_fd = -1,
		.ring_fd = light->maps.ring.map_fd,
		.events_fd = light->maps.events.map_fd,
		.cpus_fd = light->maps.cpus.map_fd,
		.arm_fd = light->rodata->config.nested ? light->progs.on_arm_ns.prog_fd
	                                               : light->progs.on_arm.prog_fd,
		.demand_fd = light->progs.on_demand.prog_fd,
		.run = &light->bss->run,
	};
	return 0;
}

int light_attach(struct programs *programs)
{
	struct alumet_light *light = programs->skeleton;
	const struct {
		const char *program;
		int (*attach)(struct alumet_light *light);
	} kinds[] = {
		{"on_switch", alumet_light__on_switch__attach},
		{"on_switch_weigh", alumet_light__on_switch_weigh__attach},
		{"on_exec", alumet_light__on_exec__attach},
		{"on_exec_rights", alumet_light__on_exec_rights__attach},
		{"on_exec_again", alumet_light__on_exec_again__attach},
		{"on_newtask", alumet_light__on_newtask__attach},
		{"on_newtask_ns", alumet_light__on_newtask_ns__attach},
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (program_is_needed(&light->rodata->config, kinds[i].program) &&
		    kinds[i].attach(light) < 0)
			return -errno;
	}
	return 0;
}

int light_load_demand(struct programs *programs)
{
	struct light *light = programs->skeleton;
	int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &light->demand.attr, light->demand.size);

	if (fd < 0)
		return -errno;
	light->skeleton.progs.on_demand.prog_fd = fd; /* which closes it */
	stop_waiting(&light->demand);
	return fd;
}

void light_unload(struct programs *programs)
{
	struct light *light = programs->skeleton;

	stop_waiting(&light->demand);
	alumet_light__destroy(&light->skeleton);
}
