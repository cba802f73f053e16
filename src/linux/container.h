/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether this is a container or a virtual machine, which explains a lot. */
#ifndef LINUX_CONTAINER_H
#define LINUX_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

/* The engine of the container that this seems to be, a literal; NULL: it seems to be none. */
const char *container_engine(const char *sysroot);

/* Whether this is a virtual machine. name: that of its hypervisor, "" when it is not known. */
bool virtual_machine_find(const char *sysroot, char *name, size_t size);

#endif
