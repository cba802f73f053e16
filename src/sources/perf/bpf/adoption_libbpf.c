/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The programs that only a watch needs, loaded by libbpf: see libbpf.c. */
#include "sources/perf/bpf/adoption_programs.h"

#include <errno.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "sources/perf/bpf/adoption_loading.h"
#include "sources/perf/bpf/loading.h"

#include "watch.skel.h"

/*
 * Replace the maps of this object by those of the other one. Maps that no program here uses are not
 * created.
 */
static int share_maps(struct watch_bpf *bpf, const struct programs *programs)
{
	int err = bpf_map__reuse_fd(bpf->maps.tasks, programs->tasks_fd);

	if (!err)
		err = bpf_map__reuse_fd(bpf->maps.events, programs->events_fd);
	if (!err)
		err = bpf_map__reuse_fd(bpf->maps.cpus, programs->cpus_fd);
	if (!err)
		err = bpf_map__reuse_fd(bpf->maps.bss, programs->bss_fd);
	if (!err)
		err = bpf_map__set_autocreate(bpf->maps.reserves, false);
	if (!err)
		err = bpf_map__reuse_fd(bpf->maps.ring, programs->ring_fd);
	if (!err)
		err = bpf_map__set_autocreate(bpf->maps.scratches, false);
	if (!err)
		err = bpf_map__set_autocreate(bpf->maps.changes, false);
	return err;
}

static int configure(struct watch_bpf *bpf, const struct programs_request *request,
                     const struct programs *programs, const struct watch *watch)
{
	struct bpf_program *program;
	int err = share_maps(bpf, programs);

	bpf->rodata->config = adoption_config(request, watch);
	bpf->rodata->config.direct = kernel_version() >= LINUX_VERSION(5, 11);
	if (!err)
		err = bpf_map__set_max_entries(bpf->maps.roots, adoption_roots(watch));
	if (!err)
		err = bpf_map__set_max_entries(bpf->maps.cgroup_roots,
		                               adoption_cgroup_roots(watch));
	if (!err)
		err = bpf_map__set_max_entries(bpf->maps.adoptees, adoption_adoptees(request));
	if (!err && !maps_allocate_on_demand())
		err = bpf_map__set_map_flags(bpf->maps.orphans, 0);
	bpf_object__for_each_program(program, bpf->obj)
	{
		bool is_needed = adoption_needs(&bpf->rodata->config, bpf_program__name(program));

		bpf_program__set_autoload(program, is_needed);
	}
	return err;
}

int adoption_load_libbpf(const struct programs_request *request, const struct programs *programs,
                         const struct watch *watch, struct adoption_programs *adoption)
{
	/* See libbpf_load(). */
	LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = "/sys/kernel/btf/vmlinux");
	struct watch_bpf *bpf = watch_bpf__open_opts(&options);
	int err;

	if (!bpf)
		return -errno;
	err = configure(bpf, request, programs, watch);
	if (!err)
		err = watch_bpf__load(bpf);
	if (err) {
		watch_bpf__destroy(bpf);
		return err;
	}
	*adoption = (struct adoption_programs){
		.skeleton = bpf,
		.roots_fd = bpf_map__fd(bpf->maps.roots),
		.cgroup_roots_fd = bpf_map__fd(bpf->maps.cgroup_roots),
	};
	return 0;
}

int adoption_attach_libbpf(struct adoption_programs *adoption)
{
	struct watch_bpf *bpf = adoption->skeleton;
	const struct bpf_link *iterator;
	int err = watch_bpf__attach(bpf);

	if (err)
		return err;
	iterator = bpf->links.on_task          ? bpf->links.on_task
	           : bpf->links.on_task_cgroup ? bpf->links.on_task_cgroup
	                                       : bpf->links.on_task_any;
	adoption->iterator_fd = bpf_link__fd(iterator);
	return 0;
}

void adoption_unload_libbpf(struct adoption_programs *adoption)
{
	watch_bpf__destroy(adoption->skeleton);
}
