/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The programs that only a watch needs, loaded by a light skeleton: see light.c. */
#include "sources/perf/bpf/adoption_programs.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "sources/perf/bpf/adoption_loading.h"
#include "sources/perf/bpf/light_object.h"

#include <bpf/skel_internal.h>
/* These replace the skeleton's own functions. */
static int run_loader(struct bpf_load_and_run_opts *opts);
static void *alloc_light(size_t size);
#define bpf_load_and_run run_loader
#define skel_alloc alloc_light
#include "watch.light.h"
#undef bpf_load_and_run
#undef skel_alloc

static const struct light_program programs_table[] = {
#define PROGRAM(name) {#name, offsetof(struct watch_light, progs.name.prog_fd), 0, NULL}
	PROGRAM(on_task),
	PROGRAM(on_task_cgroup),
	PROGRAM(on_task_any),
	PROGRAM(on_new_watch),
	PROGRAM(on_new_cgroup),
	PROGRAM(on_new_any),
	PROGRAM(on_attach),
	PROGRAM(on_attach_any),
	PROGRAM(on_exit),
	PROGRAM(on_exit_any),
	PROGRAM(on_exit_leader),
#undef PROGRAM
};
#define PROGRAMS_N (sizeof(programs_table) / sizeof(*programs_table))
_Static_assert(PROGRAMS_N * sizeof(struct bpf_prog_desc) ==
                       sizeof(((struct watch_light *)NULL)->progs),
               "a program is not in the table");

struct light {
	struct watch_light skeleton; /* first: the generated functions cast between the two */
	struct light_object object;
	const struct programs *programs; /* the owner of the shared maps */
};

static bool is_needed(const void *context, const char *program)
{
	const struct light *light = context;

	return adoption_needs(&light->skeleton.rodata->config, program);
}

/* Maps of variables are named after the object, too: "watch_li.bss". */
static int find_map(void *context, union bpf_attr *attr)
{
	const struct programs *programs = ((const struct light *)context)->programs;
	const char *name = attr->map_name;
	const char *dot = strchr(name, '.');
	const struct {
		const char *name;
		int fd;
	} maps[] = {
		{"tasks", programs->tasks_fd},  {"events", programs->events_fd},
		{"cpus", programs->cpus_fd},    {"ring", programs->ring_fd},
		{".bss", programs->bss_fd},     {"reserve", LIGHT_MAP_NONE},
		{"reserves", LIGHT_MAP_NONE},   {"reserves.inner", LIGHT_MAP_NONE},
		{"scratches", LIGHT_MAP_NONE},
		{"changes", LIGHT_MAP_NONE},
	};

	for (size_t i = 0; i < sizeof(maps) / sizeof(*maps); i++) {
		if (strcmp(name, maps[i].name) == 0 || (dot && strcmp(dot, maps[i].name) == 0))
			return maps[i].fd;
	}
	return LIGHT_MAP_NEW;
}

static void *alloc_light(size_t size)
{
	struct light *light = calloc(1, sizeof(*light));

	(void)size;
	if (light)
		light->object = (struct light_object){
			.programs = programs_table,
			.n = PROGRAMS_N,
			.context = light,
			.needs = is_needed,
			.map = find_map,
		};
	return light;
}

/* There is no fallback to the kernel, whose loader cannot share maps. */
static int run_loader(struct bpf_load_and_run_opts *opts)
{
	struct light *light = (struct light *)opts->ctx;
	const int err = light_object_run(&light->object, opts);

	light_object_finish(&light->object, light);
	light_object_drop(&light->object);
	return err;
}

int adoption_load_light(const struct programs_request *request, const struct programs *programs,
                        const struct watch *watch, struct adoption_programs *adoption)
{
	struct watch_light *bpf = watch_light__open();
	int err;

	if (!bpf)
		return -ENOMEM;
	((struct light *)bpf)->programs = programs;
	bpf->rodata->config = adoption_config(request, watch);
	bpf->rodata->config.direct = true;
	bpf->maps.roots.max_entries = adoption_roots(watch);
	bpf->maps.cgroup_roots.max_entries = adoption_cgroup_roots(watch);
	bpf->maps.adoptees.max_entries = adoption_adoptees(request);
	err = watch_light__load(bpf);
	if (err) {
		watch_light__destroy(bpf);
		return err < 0 ? err : -err;
	}
	*adoption = (struct adoption_programs){
		.skeleton = bpf,
		.is_light = true,
		.roots_fd = bpf->maps.roots.map_fd,
		.cgroup_roots_fd = bpf->maps.cgroup_roots.map_fd,
	};
	return 0;
}

int adoption_attach_light(struct adoption_programs *adoption)
{
	static int (*const attach[])(struct watch_light *bpf) = {
		watch_light__on_task__attach,
		watch_light__on_task_cgroup__attach,
		watch_light__on_task_any__attach,
		watch_light__on_new_watch__attach,
		watch_light__on_new_cgroup__attach,
		watch_light__on_new_any__attach,
		watch_light__on_attach__attach,
		watch_light__on_attach_any__attach,
		watch_light__on_exit__attach,
		watch_light__on_exit_any__attach,
		watch_light__on_exit_leader__attach,
	};
	struct watch_light *bpf = adoption->skeleton;

	_Static_assert(sizeof(attach) / sizeof(*attach) == PROGRAMS_N, "as in programs_table");
	for (size_t i = 0; i < PROGRAMS_N; i++) {
		if (adoption_needs(&bpf->rodata->config, programs_table[i].name) &&
		    attach[i](bpf) < 0)
			return -errno;
	}
	/* One of them is attached; the descriptors of the others are 0. */
	adoption->iterator_fd = bpf->links.on_task_fd + bpf->links.on_task_cgroup_fd +
	                        bpf->links.on_task_any_fd;
	return 0;
}

void adoption_unload_light(struct adoption_programs *adoption)
{
	watch_light__destroy(adoption->skeleton);
}
