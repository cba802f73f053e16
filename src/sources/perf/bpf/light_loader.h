/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Interprets the loader of a light skeleton, a BPF program that creates the maps and loads the
 * other programs by system calls. It is meant to run in the kernel, which takes a seventh of the
 * agent's start-up time to verify, compile and free it. It does nothing that needs kernel mode, so
 * it is interpreted here.
 */
#ifndef SOURCES_PERF_BPF_LIGHT_LOADER_H
#define SOURCES_PERF_BPF_LIGHT_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/bpf.h>

/* A loader, and its data, which it reads and changes. */
struct light_loader {
	const struct bpf_insn *instructions;
	size_t n;
	void *data;
	size_t data_size;
};

/*
 * Called before each bpf() command, with the attributes that it is about to pass, of this size. It
 * may change them: apart from the sizes of maps, a light skeleton has no settings. Returns true to
 * replace the system call: its result is *result then, a descriptor, which the loader owns, or a
 * negative errno. 0 is not a descriptor, and neither the loader nor the skeleton closes it.
 */
typedef bool light_loader_adjust(void *data, int command, union bpf_attr *attr, uint32_t size,
                                 int *result);

/*
 * Run a loader on its context. adjust may be NULL; data is its argument. Returns the loader's
 * result, 0 or a negative errno, or -ENOTSUP before any call if it has an instruction or calls a
 * function that only the kernel can execute. It closes only descriptors that it was given: threads
 * may open files meanwhile.
 */
int light_loader_run(const struct light_loader *loader, void *context, light_loader_adjust *adjust,
                     void *data);

#endif
