/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A short description of the machine, to tell readers where a run was measured. */
#ifndef LINUX_MACHINE_H
#define LINUX_MACHINE_H

#include <stddef.h>
#include <stdint.h>

/* "AMD EPYC 7B13" with its NUL: three leaves of 16 bytes. */
#define MACHINE_CPU_SIZE 49

/* The CPU's name, without surrounding blanks; "": it has none (all but x86). */
void machine_cpu_name(char name[static MACHINE_CPU_SIZE]);

/* The memory that the kernel manages, in bytes; 0: not known. */
uint64_t machine_memory_bytes(void);

#endif
