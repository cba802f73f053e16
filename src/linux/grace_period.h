/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * RCU grace periods: at the end of one, every CPU has left the code that it was executing.
 * Attaching a program to a tracepoint waits for one (5 to 16 ms) if the last program of any
 * tracepoint was detached a moment ago, as when the previous agent ended (tp_rcu_cond_sync() in
 * kernel/tracepoint.c).
 */
#ifndef LINUX_GRACE_PERIOD_H
#define LINUX_GRACE_PERIOD_H

/*
 * Wait for an expedited grace period: about 20 µs, and an interrupt on every CPU that is in the
 * kernel. The kernel waits for one when it removes a mount (namespace_unlock() in fs/namespace.c),
 * so create and remove a mount of / that is in no namespace. Does nothing without effective
 * CAP_SYS_ADMIN, or if the kernel does not permit it.
 */
void grace_period_expedite(void);

#endif
