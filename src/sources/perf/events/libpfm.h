/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of the libpfm4 library, "skl::MEM_LOAD_RETIRED:L3_MISS". The library is loaded when the
 * first such name is met, so a machine without it loses nothing but those names.
 */
#ifndef PERF_LIBPFM_H
#define PERF_LIBPFM_H

#include <linux/perf_event.h>
#include <stdbool.h>

/* The library, loaded or not. Zeroed at first. */
struct libpfm {
	bool tried;
	void *handle;  /* of dlopen(); NULL: not there */
	char why[256]; /* it is not there */
	const struct libpfm_calls *calls;
};

enum libpfm_answer {
	LIBPFM_FOUND,
	LIBPFM_NOT_FOUND,     /* no PMU of this machine has such an event */
	LIBPFM_BAD_ATTRIBUTE, /* it has, but what follows its name is not known or does not fit */
	LIBPFM_ABSENT,        /* no library: libpfm->why tells */
};

/*
 * Look an event up and set type, config words and exclude_* in attr: as ":u" and ":k" in the text
 * say, else user space only. why: words of the library's for LIBPFM_BAD_ATTRIBUTE, not owned.
 */
enum libpfm_answer libpfm_encode(struct libpfm *libpfm, const char *text,
                                 struct perf_event_attr *attr, const char **why);

/* Unload the library; libpfm is as at first. */
void libpfm_close(struct libpfm *libpfm);

#endif
