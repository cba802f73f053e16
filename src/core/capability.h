/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The capabilities that this process has in effect. */
#ifndef CORE_CAPABILITY_H
#define CORE_CAPABILITY_H

#include <stdbool.h>

/* capability: CAP_… of <linux/capability.h>. False also when the kernel does not know it. */
bool capability_is_effective(int capability);

#endif
