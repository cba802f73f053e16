/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/libbpf.h"

#include <errno.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "sources/perf/bpf/loading.h"

#include "alumet.skel.h"

static void configure(struct alumet_bpf *bpf, const struct programs_request *request)
{
	struct bpf_program *program;

	bpf->rodata->config = loading_config(request);
	bpf->rodata->config.direct = kernel_version() >= LINUX_VERSION(5, 11);
	bpf_map__set_max_entries(bpf->maps.tasks, request->tasks_max);
	bpf_map__set_max_entries(bpf->maps.ring, request->ring_bytes);
	bpf_map__set_max_entries(bpf->maps.events, loading_events(request));
	bpf_map__set_max_entries(bpf->maps.cpus, request->cpus_n);
	bpf_map__set_max_entries(bpf->maps.changes, loading_changes(request));
	bpf_map__set_max_entries(bpf->maps.scratches, loading_scratches(request));
	bpf_object__for_each_program(program, bpf->obj)
	{
		bool is_needed =
			program_is_needed(&bpf->rodata->config, bpf_program__name(program));

		bpf_program__set_autoload(program, is_needed);
	}
	if (!maps_allocate_on_demand() || request->adopts_many)
		bpf_map__set_map_flags(bpf->maps.tasks, 0);
	if (!maps_allocate_on_demand())
		bpf_map__set_map_flags(bpf_map__inner_map(bpf->maps.reserves), 0);
}

static int arm_fd(const struct alumet_bpf *bpf)
{
	if (bpf->rodata->config.nested)
		return bpf_program__fd(bpf->progs.on_arm_ns);
	return bpf_program__fd(newtask_arms(&bpf->rodata->config) ? bpf->progs.on_newtask
	                                                          : bpf->progs.on_arm);
}

int libbpf_load(const struct programs_request *request, struct programs *programs)
{
	/*
	 * With an explicit path of the kernel's types, libbpf does not search those of modules for
	 * a type that this kernel lacks. Listing modules would need CAP_SYS_ADMIN
	 * (BPF_BTF_GET_NEXT_ID).
	 */
	LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = "/sys/kernel/btf/vmlinux");
	struct alumet_bpf *bpf = alumet_bpf__open_opts(&options);
	int err;

	if (!bpf)
		return -errno;
	configure(bpf, request);
	err = alumet_bpf__load(bpf);
	/*
	 * If libbpf's probe for arrays that can be mapped has failed, for lack of memory say, these
	 * maps are created, and not mapped, which is no error.
	 */
	if (!err && (!bpf->rodata || !bpf->bss))
		err = -ENOTSUP;
	if (err) {
		alumet_bpf__destroy(bpf);
		return err;
	}
	*programs = (struct programs){
		.skeleton = bpf,
		.tasks_fd = bpf_map__fd(bpf->maps.tasks),
		.reserves_fd = bpf_map__fd(bpf->maps.reserves),
		.reserve_fd = -1,
		.ring_fd = bpf_map__fd(bpf->maps.ring),
		.events_fd = bpf_map__fd(bpf->maps.events),
		.cpus_fd = bpf_map__fd(bpf->maps.cpus),
		.changes_fd = bpf_map__fd(bpf->maps.changes),
		.bss_fd = bpf_map__fd(bpf->maps.bss),
		.arm_fd = arm_fd(bpf),
		.demand_fd = bpf_program__fd(bpf->progs.on_demand),
		.run = &bpf->bss->run,
	};
	return 0;
}

int libbpf_attach(struct programs *programs)
{
	struct alumet_bpf *bpf = programs->skeleton;
	const struct {
		const struct bpf_program *program;
		struct bpf_link **link;
	} kinds[] = {
		{bpf->progs.on_switch, &bpf->links.on_switch},
		{bpf->progs.on_switch_full, &bpf->links.on_switch_full},
		{bpf->progs.on_switch_weigh, &bpf->links.on_switch_weigh},
		{bpf->progs.on_exec, &bpf->links.on_exec},
		{bpf->progs.on_exec_full, &bpf->links.on_exec_full},
		{bpf->progs.on_exec_rights, &bpf->links.on_exec_rights},
		{bpf->progs.on_exec_ranks, &bpf->links.on_exec_ranks},
		{bpf->progs.on_exec_again, &bpf->links.on_exec_again},
		{bpf->progs.on_newtask, &bpf->links.on_newtask},
		{bpf->progs.on_newtask_ns, &bpf->links.on_newtask_ns},
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!bpf_program__autoload(kinds[i].program))
			continue;
		*kinds[i].link = bpf_program__attach(kinds[i].program);
		if (!*kinds[i].link)
			return -errno;
	}
	return 0;
}

void libbpf_unload(struct programs *programs)
{
	alumet_bpf__destroy(programs->skeleton);
}
