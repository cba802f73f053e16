/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The effective capabilities of this process, and whether they apply to the whole machine. */
#ifndef LINUX_CAPABILITY_H
#define LINUX_CAPABILITY_H

#include <stdbool.h>

/*
 * capability: CAP_… of <linux/capability.h>. Also false if the kernel does not know it. A borrowed
 * capability (privilege.h) counts if privilege_raise() would make it effective.
 */
bool capability_is_effective(int capability);

/*
 * Whether this process is in the initial user namespace. In another one, such as that of a rootless
 * container, it may be root with every capability, but these only apply to what belongs to that
 * namespace; BPF, perf events, locked memory and MSRs belong to the initial one. Also true if this
 * cannot be determined.
 */
bool user_namespace_is_initial(void);

/* Whether this process is in the initial pid namespace. Also false if this cannot be determined. */
bool pid_namespace_is_initial(void);

/* Messages for the user, if the user namespace is not the initial one. */
#define USER_NAMESPACE_REASON                                                                      \
	"the agent is in a user namespace, as a rootless container has one, and its capabilities " \
	"count only in there"
#define USER_NAMESPACE_REMEDY "run the agent outside of this user namespace, on the host"

#endif
