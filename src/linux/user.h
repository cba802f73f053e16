/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lets root run the command or create files as another user. */
#ifndef LINUX_USER_H
#define LINUX_USER_H

#include <stddef.h>
#include <sys/types.h>

struct user {
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* all groups, including gid */
	size_t n_groups;
	char *name, *home, *shell;
};

/*
 * Find the user with this name or number, and the groups that a login would give. Returns 0 and the
 * user, which user_free() frees; -ENOENT if there is none, -EPERM if this process may not become
 * another user, -ENOMEM, or an error of the user database. Errors are logged.
 */
int user_find(const char *name, struct user *user);
void user_free(struct user *user);

/*
 * Become the user for good, without privileges. Uses bare system calls: in a child that shares its
 * parent's memory, the C library's functions would also change the parent's threads. Returns 0 or a
 * negative errno.
 */
int user_become(const struct user *user);

/* Who this process was before user_begin(). */
struct user_before {
	gid_t *groups;
	size_t n_groups;
	gid_t gid;
};

/*
 * Until user_end(), files are opened and created as the user, only with the user's rights. Neither
 * function has an effect if user is NULL. Returns 0, or a negative errno, logged: then user_end()
 * is not needed.
 */
int user_begin(const struct user *user, struct user_before *before);
void user_end(const struct user *user, struct user_before *before);

#endif
