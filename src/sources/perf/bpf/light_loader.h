/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A light skeleton is a program for the kernel's BPF machine that creates the maps and loads the
 * other programs by system calls. It is meant to be loaded and run in the kernel, which takes a
 * seventh of the agent's start-up: checking it, translating it, throwing it away. Nothing that it
 * does needs the kernel's privileges: this runs it here, instruction by instruction.
 */
#ifndef PERF_LIGHT_LOADER_H
#define PERF_LIGHT_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/bpf.h>

/*
 * Run a loader of n instructions on its context. data is what it calls its map: data_size bytes,
 * which it reads and changes. Returns what the loader returns, 0 or a negative errno; -ENOTSUP before
 * anything has been done when it has an instruction or calls a function that only the kernel has.
 */
int light_loader_run(const struct bpf_insn *instructions, size_t n, void *data, size_t data_size,
                     void *context);

/*
 * Is called with each bpf() command and the size bytes that it is about to be given, which it may change: a light
 * skeleton's own settings are the sizes of its maps only. Returns true if the command is not to be given:
 * *result is then what it would have returned, a descriptor or a negative errno. 0 is no descriptor: neither
 * the loader nor the skeleton closes it.
 */
typedef bool light_loader_adjust(void *context, int command, union bpf_attr *attr, uint32_t size,
                                 int *result);

/* The same; adjust may be NULL. */
int light_loader_run_adjusted(const struct bpf_insn *instructions, size_t n, void *data,
                              size_t data_size, void *context, light_loader_adjust *adjust);

#endif
