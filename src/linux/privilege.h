/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Privileges that the program's file has and its user lacks: capabilities set with setcap. The kernel
 * says so by AT_SECURE (security/commoncap.c, cap_bprm_creds_from_file()), which it does not set for
 * root, nor for a user who had the capabilities anyway.
 *
 * With borrowed privileges everything the user chooses (files, folders, environment, command) is
 * opened with the user's own rights: the capabilities stay permitted, and are effective only between
 * privilege_raise() and privilege_lower(), around the calls that need them. Without, no function here
 * has an effect.
 */
#ifndef LINUX_PRIVILEGE_H
#define LINUX_PRIVILEGE_H

#include <stdbool.h>

/* Whether the agent has privileges that its user lacks. */
bool privilege_is_borrowed(void);

/*
 * To be called first of all in main(). With borrowed privileges: keep the process from being traced,
 * dumped and read by its user, give up every capability that measuring does not need, and make the
 * others ineffective. Returns 0; -EPERM after telling the user when the program's file is
 * set-user-ID or set-group-ID, which is refused; another negative errno after telling the user.
 */
int privilege_begin(void);

/* Make the permitted capabilities effective, and ineffective again. The calls do not nest. */
void privilege_raise(void);
void privilege_lower(void);

/*
 * Give up what only opening needs, before the command exists. What stays permitted opens events on
 * CPUs that come online, and makes maps.
 */
void privilege_settle(void);

#endif
