/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/light.h"

#include <errno.h>
#include <linux/bpf.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	uint32_t events_n, changes_n; /* sizes of maps */
	/* Of the thread that creates the maps, and the one that calls light_load(). */
	sem_t configured, mapped; /* one post each */
	bool has_thread;          /* the first of the two */
	bool is_awaited;          /* that thread knows the configuration */
	bool is_cancelled;        /* light_load() will not be called */
	bool is_configured;       /* light_configure() was called, or never will be */
	bool is_loaded;           /* light_load() was called */
	int err;                  /* of creating the maps */
	struct side_thread detacher;
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

static void wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore) && errno == EINTR)
		;
}

/*
 * The large maps are created first, while the events are looked up (see bpf/maps.bpf.c). The others
 * depend on the configuration.
 */
static int await_size(void *context, union bpf_attr *attr)
{
	static const char *const sized[] = {"tasks", "reserves.inner", "reserves",
	                                    "ring",  "cpus",           "scratches"};
	struct light *light = context;

	for (size_t i = 0; i < sizeof(sized) / sizeof(*sized); i++) {
		if (strcmp(attr->map_name, sized[i]) == 0)
			return LIGHT_MAP_NEW;
	}
	if (!light->is_awaited)
		wait_for(&light->configured);
	light->is_awaited = true;
	/* The loader takes sizes from the skeleton before they are known. */
	if (strcmp(attr->map_name, "events") == 0)
		attr->max_entries = light->events_n;
	else if (strcmp(attr->map_name, "changes") == 0)
		attr->max_entries = light->changes_n;
	return light->is_cancelled ? -ECANCELED : LIGHT_MAP_NEW;
}

static void *alloc_light(size_t size)
{
	struct light *light = calloc(1, sizeof(*light));

	(void)size;
	if (!light)
		return NULL;
	sem_init(&light->configured, 0, 0);
	sem_init(&light->mapped, 0, 0);
	light->object = (struct light_object){
		.programs = programs_table,
		.n = PROGRAMS_N,
		.late = "on_demand",
		.context = light,
		.needs = is_needed,
		.map = await_size,
		.attaches = attaches_early,
		.prepare = loading_prepare_attaching,
		.in_place = true,
	};
	return light;
}

/* There is no fallback to the kernel, which would not wait for the configuration: libbpf is one. */
static int run_loader(struct bpf_load_and_run_opts *opts)
{
	struct light *light = (struct light *)opts->ctx;

	return light_object_run(&light->object, opts);
}

/* In the second thread, if there is one. */
static void create_maps(void *data)
{
	struct light *light = data;

	light->err = alumet_light__load(&light->skeleton);
	sem_post(&light->mapped);
}

int light_begin(const struct programs_request *request, struct programs *programs)
{
	struct alumet_light *skeleton = alumet_light__open();
	struct light *light = (struct light *)skeleton;

	if (!light)
		return -ENOMEM;
	skeleton->maps.tasks.max_entries = request->tasks_max;
	skeleton->maps.ring.max_entries = request->ring_bytes;
	skeleton->maps.cpus.max_entries = request->cpus_n;
	skeleton->maps.scratches.max_entries = loading_scratches(request);
	if (request->adopts_many)
		light->object.whole_map = "tasks";
	light->has_thread = light_object_begin(&light->object, create_maps, light);
	*programs = (struct programs){.skeleton = skeleton, .is_light = true};
	return 0;
}

/* Let the other thread create the other maps. */
static void go_on(struct light *light)
{
	light->is_configured = true;
	sem_post(&light->configured);
	light_object_prepare(&light->object);
}

void light_configure(const struct programs_request *request, struct programs *programs)
{
	struct light *light = programs->skeleton;
	struct alumet_light *skeleton = &light->skeleton;

	skeleton->rodata->config = loading_config(request);
	skeleton->rodata->config.direct = true;
	light->waits = request->tracepoints;
	light->events_n = loading_events(request);
	light->changes_n = loading_changes(request);
	go_on(light);
}

/* Wait for the maps, and load the programs. */
static int load(struct light *light)
{
	int err, programs_err;

	light->is_loaded = true;
	if (!light->has_thread)
		create_maps(light);
	wait_for(&light->mapped);
	err = light->err > 0 ? -light->err : light->err;
	programs_err = light_object_go_on(&light->object, light, !err);
	return err ? err : programs_err;
}

static int arm_fd(const struct alumet_light *light)
{
	if (light->rodata->config.nested)
		return light->progs.on_arm_ns.prog_fd;
	return newtask_arms(&light->rodata->config) ? light->progs.on_newtask.prog_fd
	                                            : light->progs.on_arm.prog_fd;
}

int light_load(const struct programs_request *request, struct programs *programs)
{
	int err = programs->skeleton ? 0 : light_begin(request, programs);
	struct alumet_light *light = programs->skeleton;

	if (err)
		return err;
	if (!((struct light *)light)->is_configured)
		light_configure(request, programs);
	err = load((struct light *)light);
	if (err) {
		light_unload(programs);
		*programs = (struct programs){.skeleton = NULL};
		return err;
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
		.arm_fd = arm_fd(light),
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

static void detach(void *data)
{
	struct light *light = data;

	for (size_t i = 0; i < PROGRAMS_N; i++) {
		int *link_fd = (int *)((char *)&light->skeleton + programs_table[i].link);

		if (!programs_table[i].tracepoint || *link_fd <= 0)
			continue;
		close(*link_fd);
		*link_fd = 0;
	}
}

void light_detach(struct programs *programs)
{
	struct light *light = programs->skeleton;

	side_thread_start(&light->detacher, detach, light);
}

/* Of what was begun, and will not be loaded. */
static void cancel(struct light *light)
{
	if (!light->is_configured) {
		light->is_cancelled = true;
		go_on(light);
	}
	light_object_go_on(&light->object, light, false);
}

void light_unload(struct programs *programs)
{
	struct light *light = programs->skeleton;

	if (!light)
		return;
	side_thread_join(&light->detacher);
	if (!light->is_loaded)
		cancel(light);
	light_object_finish(&light->object, light);
	light_object_drop(&light->object);
	sem_destroy(&light->configured);
	sem_destroy(&light->mapped);
	alumet_light__destroy(&light->skeleton);
}
