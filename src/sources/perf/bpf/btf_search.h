/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The number of a type of the kernel's own, by its name. The kernel is asked, by a BPF program of a
 * few instructions that is loaded for it: a third of a millisecond, where to read and go through
 * its 5 MB of type information here takes two, and libbpf's parsing of all of it twenty.
 */
#ifndef SOURCES_PERF_BPF_BTF_SEARCH_H
#define SOURCES_PERF_BPF_BTF_SEARCH_H

#include <stddef.h>
#include <stdint.h>

/*
 * As bpf_btf_find_by_name_kind(), Linux 5.14, for loaders of light skeletons: name has size bytes
 * with its NUL, 64 at most; kind is a BTF_KIND_*. Returns the number, in its upper half the
 * descriptor of a module's types if it is one of those, which is the caller's; or a negative errno.
 */
int64_t btf_search(const char *name, size_t size, int kind);

#endif
