/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef CORE_SIGNAL_NAME_H
#define CORE_SIGNAL_NAME_H

#include <stddef.h>

/* The longest name of a signal, with its NUL. */
#define SIGNAL_NAME_SIZE 24

/* "SIGKILL", "SIGRTMIN+3", or "SIG32" where the C library has no name. */
void signal_name(int signal, char name[static SIGNAL_NAME_SIZE]);

/* The signal with such a name or number, of n bytes; 0 if there is none. */
int signal_of_name(const char *name, size_t n);

#endif
