/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Event names of the libpfm4 library, "skl::MEM_LOAD_RETIRED:L3_MISS". The library is loaded when
 * such a name first occurs, so a machine without it lacks only these names.
 */
#ifndef SOURCES_PERF_EVENTS_LIBPFM_H
#define SOURCES_PERF_EVENTS_LIBPFM_H

#include <linux/perf_event.h>
#include <stdbool.h>

/* The library, loaded or not. Initially zeroed. */
struct libpfm {
	bool tried;
	void *handle;  /* of dlopen(); NULL: not loaded */
	char why[256]; /* the reason why it is not loaded */
	const struct libpfm_calls *calls;
};

enum libpfm_answer {
	LIBPFM_FOUND,
	LIBPFM_NOT_FOUND,     /* no PMU of this machine has such an event */
	LIBPFM_BAD_ATTRIBUTE, /* it has, but what follows the name is unknown or does not fit */
	LIBPFM_ABSENT,        /* no library: the reason is in libpfm->why */
};

/*
 * Look up an event, and set type, config words and exclude_* in attr: by ":u" and ":k" in the text,
 * else for user space only. *why: the library's text for LIBPFM_BAD_ATTRIBUTE, not owned.
 */
enum libpfm_answer libpfm_encode(struct libpfm *libpfm, const char *text,
                                 struct perf_event_attr *attr, const char **why);

/* Unload the library, and zero libpfm. */
void libpfm_close(struct libpfm *libpfm);

#endif
