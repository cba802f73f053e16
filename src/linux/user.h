/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Another user of this machine, whom root lets do something. */
#ifndef LINUX_USER_H
#define LINUX_USER_H

#include <stddef.h>
#include <sys/types.h>

struct user {
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* all of them, gid included */
	size_t n_groups;
	char *name, *home, *shell;
};

/*
 * The user of this name, or of this number, with the groups that a login would give. Returns 0, the
 * user for user_free(); -ENOENT when there is none, -EPERM when this process may not become somebody
 * else, -ENOMEM, or what the user database failed with. Told to the user.
 */
int user_find(const char *name, struct user *user);
void user_free(struct user *user);

/*
 * This process is the user from here on, for good, without privileges. Made of system calls alone: the
 * C library's functions would do the same to the threads of a process that a child shares memory with.
 * Returns 0 or a negative errno.
 */
int user_become(const struct user *user);

/* Who this process was before user_begin(). */
struct user_before {
	gid_t *groups;
	size_t n_groups;
	gid_t gid;
};

/*
 * Until user_end(), files are opened and made as the user would, with the user's rights only. Neither
 * has an effect where user is NULL. Returns 0, or a negative errno after telling the user: then there
 * is nothing to end.
 */
int user_begin(const struct user *user, struct user_before *before);
void user_end(const struct user *user, struct user_before *before);

#endif
