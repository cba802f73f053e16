/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Another folder in the place of "/", with another machine's sysfs, procfs and devices in it. */
#ifndef LINUX_SYSROOT_H
#define LINUX_SYSROOT_H

#include <stdbool.h>

/*
 * Whether the folder may take the place of "/": not one of the user's choice where its files are
 * opened with privileges that the user lacks.
 */
bool sysroot_is_permitted(const char *sysroot);

#endif
