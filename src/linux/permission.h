/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the agent's process may do, and the command that grants what it may not. */
#ifndef LINUX_PERMISSION_H
#define LINUX_PERMISSION_H

#include <stdbool.h>

/* Perf events on whole CPUs: CAP_PERFMON, or CAP_SYS_ADMIN, in the machine's own user namespace. */
bool permission_for_perf(void);

/* BPF programs that trace: that, and CAP_BPF, or CAP_SYS_ADMIN. */
bool permission_for_bpf(void);

#define PERMISSION_REMEDY_SIZE 512

/* What to do, as lines: setcap with the agent's own path; in a container also how to start it. */
void permission_remedy(const char *sysroot, char text[static PERMISSION_REMEDY_SIZE]);

#endif
