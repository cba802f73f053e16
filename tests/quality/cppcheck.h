/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Macros of libraries that cppcheck cannot read by itself, for make lint. */
#define HASH_ITER(hh, head, element, next)                                                         \
	for ((element) = (head), (next) = (head); (element); (element) = (next))
#define LIBBPF_OPTS(type, name, ...) struct type name = {__VA_ARGS__}
