/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* File descriptors: whether there are enough, and what to tell the user when there are not. */
#ifndef CORE_DESCRIPTORS_H
#define CORE_DESCRIPTORS_H

#include <stddef.h>

/*
 * Whether n more could be open at once under the limit of this process. Returns 0, or -EMFILE after
 * telling the user. A limit of DESCRIPTORS_PLENTY is taken for enough without trying.
 */
#define DESCRIPTORS_PLENTY 256
int descriptors_need(size_t n);

/* Tells the user that this cannot be done because the limit is reached (EMFILE). */
void descriptors_say_short(const char *what);

#endif
