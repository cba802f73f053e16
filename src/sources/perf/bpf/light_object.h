/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs the loader of a light skeleton, adapted to this kernel and this run. A skeleton itself can
 * only change the sizes of maps. Here, maps can be another object's, and programs can be left out.
 * Those that are needed are loaded in parallel (program_loads.h), once the loader has created the
 * maps.
 */
#ifndef SOURCES_PERF_BPF_LIGHT_OBJECT_H
#define SOURCES_PERF_BPF_LIGHT_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>

#include "sources/perf/bpf/light_loader.h"
#include "sources/perf/bpf/program_loads.h"

#define LIGHT_PROGRAMS_MAX 16

/* The loader's descriptor for a map that it creates, and for one that is not needed. */
#define LIGHT_MAP_NEW (-1)
#define LIGHT_MAP_NONE 0

struct light_program {
	const char *name;  /* in the kernel: 15 characters at most */
	size_t descriptor; /* offset of its descriptor in the skeleton, which closes it */
	size_t link;       /* offset of its link in the skeleton */
	const char *tracepoint; /* raw tracepoint to attach to; NULL: not attached here */
};

/* Zeroed at first. The owner fills in the first part. */
struct light_object {
	const struct light_program *programs; /* the program that takes longest to load is first */
	size_t n;                             /* LIGHT_PROGRAMS_MAX at most */
	const char *late;                     /* the program of light_object_load_late(); or NULL */
	void *context;                        /* argument of the functions */
	bool (*needs)(const void *context, const char *program);
	/*
	 * Called before a map is created, and may change the attributes. Returns the descriptor of
	 * another object's map that replaces this one: it is duplicated, and keeps its values. Or
	 * LIGHT_MAP_NEW or LIGHT_MAP_NONE, or another negative errno, with which the loader fails.
	 * NULL: all maps are created.
	 */
	int (*map)(void *context, union bpf_attr *attr);
	const char *whole_map; /* a map that is preallocated on any kernel; or NULL */
	/* Whether to attach programs as soon as they are loaded. NULL: no. */
	bool (*attaches)(const void *context);
	void (*prepare)(void); /* must have returned before anything is attached; or NULL */
	/*
	 * Change the loader's data, a constant of this program, in place. Only one object can do
	 * so, because two may share a page.
	 */
	bool in_place;

	bool is_begun;  /* by light_object_begin() */
	bool on_demand; /* maps_allocate_on_demand() */
	struct program_loads team;
	struct program_load active[LIGHT_PROGRAMS_MAX]; /* being loaded by the team */
	size_t active_n;
	struct program_load loads[LIGHT_PROGRAMS_MAX]; /* as in programs; size 0: none, or done */
	int shared[LIGHT_PROGRAMS_MAX];                /* the duplicates, owned by the skeleton */
	size_t shared_n;
	void *data; /* the loader's data or a copy, which the kept loads point to */
	size_t data_size;
	int btf_fd; /* 0: none */
};

/*
 * Optional: run the loader in a second thread, where first(data) must call light_object_load(),
 * which then only creates the maps; light_object_go_on() must follow. Returns false if there is no
 * second CPU: call first(data), then. Privileges must be raised, as for all functions here.
 */
bool light_object_begin(struct light_object *object, void (*first)(void *data), void *data);

/* After light_object_begin(): call prepare() in the background. */
void light_object_prepare(struct light_object *object);

/*
 * After that, and after first() has returned: load the programs, in both threads. has_maps: the
 * loader has succeeded; else no program is loaded. Returns 0 or a negative errno.
 */
int light_object_go_on(struct light_object *object, void *skeleton, bool has_maps);

/*
 * Create the maps and load the programs, except the late one; descriptors go into the skeleton. The
 * loader's data is copied, or borrowed until light_object_drop(). Returns 0 or a negative errno:
 * -ENOTSUP, before anything was done, if the loader has unknown instructions. light_object_finish()
 * and light_object_drop() are due either way.
 */
int light_object_load(struct light_object *object, void *skeleton,
                      const struct light_loader *loader);

struct bpf_load_and_run_opts;

/*
 * The same for the arguments of bpf_load_and_run() (bpf/skel_internal.h), which this replaces. The
 * skeleton is opts->ctx.
 */
int light_object_run(struct light_object *object, const struct bpf_load_and_run_opts *opts);

/*
 * Wait until the programs that are attached as soon as they are loaded have been attached; links go
 * into the skeleton. A program that could not be attached has none. May be called again.
 */
void light_object_finish(struct light_object *object, void *skeleton);

/* Load the late program. Returns its descriptor, which the skeleton closes, or a negative errno. */
int light_object_load_late(struct light_object *object, void *skeleton);

/* Free what was kept for the late program. */
void light_object_drop(struct light_object *object);

#endif
