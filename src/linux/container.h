/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Detects containers and virtual machines, for messages to the user. */
#ifndef LINUX_CONTAINER_H
#define LINUX_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

/* The engine of the container that the agent seems to run in, a literal; NULL: none. */
const char *container_engine(const char *sysroot);

/* Whether the agent runs in a virtual machine. name: that of the hypervisor, "" if unknown. */
bool virtual_machine_find(const char *sysroot, char *name, size_t size);

#endif
