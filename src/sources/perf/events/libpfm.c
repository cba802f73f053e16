/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Declares the few parts of libpfm4's interface that are used, so that the library's headers are
 * not needed to build: its ABI has been stable since 4.0 (2010; soname libpfm.so.4). The sources
 * are the manual pages pfm_initialize(3), pfm_get_os_event_encoding(3) and pfm_strerror(3), and for
 * the numbers include/perfmon/pfmlib.h and pfmlib_perf_event.h of libpfm 4.13.
 */
#include "sources/perf/events/libpfm.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Error codes (pfmlib.h). */
#define PFM_SUCCESS 0
#define PFM_ERR_NOTFOUND (-4)

/* Privilege levels of an event that names none (pfmlib.h): user space. */
#define PFM_PLM3 0x8

/* The kind of encoding: a perf_event_attr, without perf's own attributes (pfm_os_t). */
#define PFM_OS_PERF_EVENT 1

/* pfm_perf_encode_arg_t (pfmlib_perf_event.h); the library checks its size. */
struct encode_arg {
	struct perf_event_attr *attr;
	char **fstr; /* in and out: the event in full; NULL: not wanted */
	size_t size; /* of this struct */
	int idx;
	int cpu;
	int flags;
	int pad0;
};

/* One for each loaded library: the program has no global variables. */
struct libpfm_calls {
	int (*initialize)(void);
	void (*terminate)(void);
	int (*get_os_event_encoding)(const char *text, int default_levels, int os, void *arg);
	const char *(*strerror)(int code);
};

#ifdef ALUMET_STATIC

/* A static program can load libraries only with exactly the C library that it was linked with. */
static void *open_library(struct libpfm *libpfm)
{
	snprintf(libpfm->why, sizeof(libpfm->why),
	         "this program is linked statically, and loads no libraries");
	return NULL;
}

#else

static void *open_library(struct libpfm *libpfm)
{
	static const char *const usual[] = {"libpfm.so.4", "libpfm.so"};
	/* Ignores the environment of a user who lacks the capabilities of the agent's file. */
	const char *named = secure_getenv("ALUMET_LIBPFM_LIB");
	void *handle = NULL;

	if (named && *named) {
		handle = dlopen(named, RTLD_NOW | RTLD_LOCAL);
	} else {
		for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]) && !handle; i++)
			handle = dlopen(usual[i], RTLD_NOW | RTLD_LOCAL);
	}
	if (!handle)
		snprintf(libpfm->why, sizeof(libpfm->why), "%s", dlerror());
	return handle;
}

#endif

/* dlsym() gives an object pointer; POSIX guarantees that a copy of it is the function's. */
static int find_call(void *handle, const char *name, void *call)
{
	void *address = dlsym(handle, name);

	memcpy(call, &address, sizeof(address));
	return address ? 0 : -1;
}

static void give_up(struct libpfm *libpfm, void *handle, struct libpfm_calls *calls,
                    const char *why)
{
	snprintf(libpfm->why, sizeof(libpfm->why), "%s", why);
	free(calls);
	dlclose(handle);
}

static void load(struct libpfm *libpfm)
{
	void *handle = open_library(libpfm);
	struct libpfm_calls *calls;
	int code;

	if (!handle)
		return;
	calls = calloc(1, sizeof(*calls));
	if (!calls) {
		give_up(libpfm, handle, calls, "out of memory");
		return;
	}
	if (find_call(handle, "pfm_initialize", &calls->initialize) ||
	    find_call(handle, "pfm_terminate", &calls->terminate) ||
	    find_call(handle, "pfm_get_os_event_encoding", &calls->get_os_event_encoding) ||
	    find_call(handle, "pfm_strerror", &calls->strerror)) {
		give_up(libpfm, handle, calls, "the library lacks functions of libpfm4");
		return;
	}
	code = calls->initialize();
	if (code != PFM_SUCCESS) {
		give_up(libpfm, handle, calls, calls->strerror(code));
		return;
	}
	libpfm->handle = handle;
	libpfm->calls = calls;
}

enum libpfm_answer libpfm_encode(struct libpfm *libpfm, const char *text,
                                 struct perf_event_attr *attr, const char **why)
{
	struct encode_arg arg = {.attr = attr, .size = sizeof(arg), .cpu = -1};
	int code;

	if (!libpfm->tried) {
		libpfm->tried = true;
		load(libpfm);
	}
	if (!libpfm->calls)
		return LIBPFM_ABSENT;

	code = libpfm->calls->get_os_event_encoding(text, PFM_PLM3, PFM_OS_PERF_EVENT, &arg);
	if (code == PFM_SUCCESS)
		return LIBPFM_FOUND;
	*why = libpfm->calls->strerror(code);
	return code == PFM_ERR_NOTFOUND ? LIBPFM_NOT_FOUND : LIBPFM_BAD_ATTRIBUTE;
}

void libpfm_close(struct libpfm *libpfm)
{
	if (libpfm->calls) {
		libpfm->calls->terminate();
		free((void *)libpfm->calls);
		dlclose(libpfm->handle);
	}
	*libpfm = (struct libpfm){0};
}
