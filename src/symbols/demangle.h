/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Demangles names of functions. */
#ifndef SYMBOLS_DEMANGLE_H
#define SYMBOLS_DEMANGLE_H

/*
 * The name of a function as in its source. A C++ or Rust name, of either mangling, has namespaces,
 * but neither parameters nor return type: "std::vector<int>::push_back". Suffixes of linkers and
 * compilers are removed: "@@GLIBC_2.2", ".constprop.0". To be freed; NULL when memory ran out.
 */
char *demangle(const char *symbol);

#endif
