/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Borrowed privileges: capabilities that the program's file has (setcap) and its user lacks. The
 * kernel reports them by AT_SECURE (security/commoncap.c, cap_bprm_creds_from_file()), which it
 * does not set for root, or for a user who had the capabilities anyway.
 *
 * With borrowed privileges, everything that the user chooses (files, directories, environment,
 * command) is opened with the user's own rights: the capabilities stay permitted, but are only
 * effective between privilege_raise() and privilege_lower(), around the calls that need them.
 * Without them, only privilege_give_up() has an effect.
 */
#ifndef LINUX_PRIVILEGE_H
#define LINUX_PRIVILEGE_H

#include <stdbool.h>

/* Whether the agent has privileges that its user lacks. */
bool privilege_is_borrowed(void);

/*
 * Call this first in main(). With borrowed privileges, it keeps the user from tracing, dumping and
 * reading the process, gives up every capability that measuring does not need, and makes the others
 * ineffective. Returns 0; -EPERM, logged, if the program's file is set-user-ID or set-group-ID,
 * which is refused; or another negative errno, logged.
 */
int privilege_begin(void);

/* Make the permitted capabilities effective, and ineffective again. The calls do not nest. */
void privilege_raise(void);
void privilege_lower(void);

/*
 * Give up the capabilities that are only needed for opening, before the command is created. The
 * others stay permitted, to open events on CPUs that come online and to create maps.
 */
void privilege_settle(void);

/*
 * For a process that reads files made by others: give up everything for good, except root's right
 * to read files. Also has an effect without borrowed privileges.
 */
void privilege_give_up(void);

#endif
