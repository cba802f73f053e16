/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A directory that replaces "/", with the sysfs, procfs and devices of another machine. */
#ifndef LINUX_SYSROOT_H
#define LINUX_SYSROOT_H

#include <stdbool.h>

/*
 * Whether the directory may replace "/". With borrowed privileges (privilege.h), only "/" itself is
 * permitted, because files in it are opened with rights that the user lacks.
 */
bool sysroot_is_permitted(const char *sysroot);

#endif
