/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The libraries known to the dynamic loader, from /etc/ld.so.cache, which ldconfig writes. */
#ifndef SYMBOLS_LIBRARY_CACHE_H
#define SYMBOLS_LIBRARY_CACHE_H

/*
 * Call take with the path of each library. Returns 0, -ENOEXEC if the file has another format, or
 * another negative errno.
 */
int library_cache_read(const char *path, void (*take)(void *data, const char *library), void *data);

#endif
