/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The capabilities that this process has in effect, and whether they count. */
#ifndef CORE_CAPABILITY_H
#define CORE_CAPABILITY_H

#include <stdbool.h>

/*
 * capability: CAP_… of <linux/capability.h>. False also when the kernel does not know it. A borrowed
 * one (privilege.h) counts when privilege_raise() would make it effective.
 */
bool capability_is_effective(int capability);

/*
 * Whether this process is in the first user namespace of the machine. In another one, which a
 * rootless container has, it may be root with every capability: they hold for what belongs to that
 * namespace, and BPF, perf events, locked memory and MSRs belong to the first. True also when it
 * cannot be told.
 */
bool user_namespace_is_initial(void);

/* Whether this process is in the first pid namespace of the machine. False also when it cannot be told. */
bool pid_namespace_is_initial(void);

/* For the user, when the user namespace is not. */
#define USER_NAMESPACE_REASON                                                                      \
	"the agent is in a user namespace, as a rootless container has one, and its capabilities " \
	"count only in there"
#define USER_NAMESPACE_REMEDY "run the agent outside of this user namespace, on the host"

#endif
