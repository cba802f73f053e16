/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/light.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdlib.h>

#include "sources/perf/bpf/light_object.h"
#include "sources/perf/bpf/loading.h"

#include <bpf/skel_internal.h>
/* These replace the skeleton's own functions. */
static int run_loader(struct bpf_load_and_run_opts *opts);
static void *alloc_light(size_t size);
#define bpf_load_and_run run_loader
#define skel_alloc alloc_light
#include "alumet.light.h"
#undef bpf_load_and_run
#undef skel_alloc

/* The program that takes longest to load is first. */
static const struct light_program programs_table[] = {
#define PROGRAM(name) #name, offsetof(struct alumet_light, progs.name.prog_fd)
#define ATTACHED(name) PROGRAM(name), offsetof(struct alumet_light, links.name##_fd)
	{ATTACHED(on_switch), "sched_switch"},
	{ATTACHED(on_switch_full), "sched_switch"},
	{ATTACHED(on_switch_weigh), "sched_switch"},
	{ATTACHED(on_exec), "sched_process_exec"},
	{ATTACHED(on_exec_full), "sched_process_exec"},
	{ATTACHED(on_exec_rights), "sched_process_exec"},
	{ATTACHED(on_exec_ranks), "sched_process_exec"},
	{ATTACHED(on_exec_again), "sched_process_exec"},
	{ATTACHED(on_newtask), "sched_wakeup_new"},
	{ATTACHED(on_newtask_ns), "sched_wakeup_new"},
	{PROGRAM(on_arm), 0, NULL},
	{PROGRAM(on_arm_ns), 0, NULL},
	{PROGRAM(on_demand), 0, NULL},
#undef ATTACHED
#undef PROGRAM
};
#define PROGRAMS_N (sizeof(programs_table) / sizeof(*programs_table))
_Static_assert(PROGRAMS_N * sizeof(struct bpf_prog_desc) ==
                       sizeof(((struct alumet_light *)NULL)->progs),
               "a program is not in the table");

struct light {
	struct alumet_light skeleton; /* first: the generated functions cast between the two */
	struct light_object object;
	bool waits; /* attach the programs after the counters were opened */
};

static bool is_needed(const void *context, const char *program)
{
	const struct light *light = context;

	return program_is_needed(&light->skeleton.rodata->config, program);
}

/*
 * Whether to attach programs while others are loaded. A run that is not plain has to set up what
 * the programs read before. If a tracepoint is counted, its counter comes before on_exec in the
 * kernel's list, and has counted the command's exec when on_exec is called: counts begin after that
 * exec.
 */
static bool attaches_early(const void *context)
{
	const struct light *light = context;

	return !light->waits && run_is_plain(&light->skeleton.rodata->config);
}

static void *alloc_light(size_t size)
{
	struct light *light = calloc(1, sizeof(*light));

	(void)size;
	if (light)
		light->object = (struct light_object){
			.programs = programs_table,
			.n = PROGRAMS_N,
			.late = "on_demand",
			.context = light,
			.needs = is_needed,
			.attaches = attaches_early,
			.prepare = loading_prepare_attaching,
			.in_place = true,
		};
	return light;
}

/*
 * Interpret the loader here if possible; else run it in the kernel, where its maps cannot be
 * adjusted.
 */
static int run_loader(struct bpf_load_and_run_opts *opts)
{
	struct light *light = (struct light *)opts->ctx;
	int err = light_object_run(&light->object, opts);

	if (err) {
		light_object_finish(&light->object, light);
		light_object_drop(&light->object);
	}
	return err == -ENOTSUP && maps_allocate_on_demand() ? bpf_load_and_run(opts) : err;
}

int light_load(const struct programs_request *request, struct programs *programs)
{
	struct alumet_light *light = alumet_light__open();
	int err;

	if (!light)
		return -ENOMEM;
	light->rodata->config = loading_config(request);
	light->rodata->config.direct = true;
	((struct light *)light)->waits = request->tracepoints;
	light->maps.tasks.max_entries = request->tasks_max;
	light->maps.ring.max_entries = request->ring_bytes;
	light->maps.events.max_entries = loading_events(request);
	light->maps.cpus.max_entries = request->cpus_n;
	light->maps.changes.max_entries = loading_changes(request);
	light->maps.scratches.max_entries = loading_scratches(request);
	if (request->adopts_many)
		((struct light *)light)->object.whole_map = "tasks";
	err = alumet_light__load(light);
	if (err) {
		light_object_finish(&((struct light *)light)->object, light);
		light_object_drop(&((struct light *)light)->object);
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
		.changes_fd = light->maps.changes.map_fd,
		.bss_fd = light->maps.bss.map_fd,
		.arm_fd = light->rodata->config.nested ? light->progs.on_arm_ns.prog_fd
	                                               : light->progs.on_arm.prog_fd,
		.demand_fd = light->progs.on_demand.prog_fd,
		.run = &light->bss->run,
	};
	return 0;
}

static int attach(struct light *light, const struct light_program *program)
{
	int *program_fd = (int *)((char *)&light->skeleton + program->descriptor);
	int *link_fd = (int *)((char *)&light->skeleton + program->link);
	int fd;

	if (!program->tracepoint || *link_fd || !is_needed(light, program->name))
		return 0;
	fd = skel_raw_tracepoint_open(program->tracepoint, *program_fd);
	if (fd < 0)
		return -errno;
	*link_fd = fd;
	return 0;
}

int light_attach(struct programs *programs)
{
	struct light *light = programs->skeleton;
	int err = 0;

	light_object_finish(&light->object, light);
	for (size_t i = 0; i < PROGRAMS_N && !err; i++)
		err = attach(light, &programs_table[i]);
	return err;
}

int light_load_demand(struct programs *programs)
{
	struct light *light = programs->skeleton;

	return light_object_load_late(&light->object, light);
}

void light_unload(struct programs *programs)
{
	struct light *light = programs->skeleton;

	light_object_finish(&light->object, light);
	light_object_drop(&light->object);
	alumet_light__destroy(&light->skeleton);
}
