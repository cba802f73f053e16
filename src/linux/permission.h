/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the agent is permitted to do, and the command that grants what is missing. */
#ifndef LINUX_PERMISSION_H
#define LINUX_PERMISSION_H

#include <stdbool.h>

/* For perf events of whole CPUs: CAP_PERFMON or CAP_SYS_ADMIN, in the initial user namespace. */
bool permission_for_perf(void);

/* For BPF programs that trace: the same, and CAP_BPF or CAP_SYS_ADMIN. */
bool permission_for_bpf(void);

#define PERMISSION_REMEDY_SIZE 512

/* What to do, in lines: setcap with the agent's path; in a container, also how to start it. */
void permission_remedy(const char *sysroot, char text[static PERMISSION_REMEDY_SIZE]);

#endif
