/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/user.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/log.h"
#include "linux/capability.h"

/* Parse a name that is a number, "1000". Returns false if it is not. */
static bool parse_uid(const char *name, uid_t *uid)
{
	char *end;
	unsigned long number;

	if (*name < '0' || *name > '9')
		return false;
	errno = 0;
	number = strtoul(name, &end, 10);
	*uid = (uid_t)number;
	return !errno && !*end && number < UINT_MAX;
}

/* Static programs can only read the files: for other databases, glibc loads NSS libraries. */
#ifdef ALUMET_STATIC
static struct passwd *find_entry(const char *name, uid_t uid, bool by_number)
{
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd *entry = NULL;

	while (file && (entry = fgetpwent(file))) {
		if (by_number ? entry->pw_uid == uid : strcmp(entry->pw_name, name) == 0)
			break;
	}
	if (file)
		fclose(file);
	return entry;
}

static int find_groups(const char *name, gid_t gid, gid_t *groups, int *n)
{
	FILE *file = fopen("/etc/group", "re");
	const int room = *n;
	struct group *entry;

	*n = 0;
	if (*n < room)
		groups[*n] = gid;
	(*n)++;
	while (file && (entry = fgetgrent(file))) {
		for (char **member = entry->gr_mem; *member; member++) {
			if (strcmp(*member, name) != 0 || entry->gr_gid == gid)
				continue;
			if (*n < room)
				groups[*n] = entry->gr_gid;
			(*n)++;
		}
	}
	if (file)
		fclose(file);
	return *n <= room ? *n : -1;
}
#else
static struct passwd *find_entry(const char *name, uid_t uid, bool by_number)
{
	return by_number ? getpwuid(uid) : getpwnam(name);
}

static int find_groups(const char *name, gid_t gid, gid_t *groups, int *n)
{
	return getgrouplist(name, gid, groups, n);
}
#endif

static int add_groups(struct user *user)
{
	int n = 16;

	for (;;) {
		const int room = n;
		gid_t *groups = reallocarray(user->groups, (size_t)room, sizeof(*groups));

		if (!groups)
			return -ENOMEM;
		user->groups = groups;
		if (find_groups(user->name, user->gid, groups, &n) >= 0)
			break;
		if (n <= room)
			n = 2 * room;
	}
	user->n_groups = (size_t)n;
	return 0;
}

static int copy_entry(const struct passwd *entry, struct user *user)
{
	user->uid = entry->pw_uid;
	user->gid = entry->pw_gid;
	user->name = strdup(entry->pw_name);
	user->home = strdup(entry->pw_dir && *entry->pw_dir ? entry->pw_dir : "/");
	user->shell = strdup(entry->pw_shell && *entry->pw_shell ? entry->pw_shell : "/bin/sh");
	if (!user->name || !user->home || !user->shell)
		return -ENOMEM;
	return add_groups(user);
}

int user_find(const char *name, struct user *user)
{
	uid_t uid = 0;
	const bool by_number = parse_uid(name, &uid);
	const struct passwd *entry;
	int err;

	*user = (struct user){0};
	if (!capability_is_effective(CAP_SETUID) || !capability_is_effective(CAP_SETGID)) {
		return log_errno(-EPERM,
		                 "--user %s: only root can become another user; write: "
		                 "sudo alumet-agent exec --user %s ...",
		                 name, name);
	}
	errno = 0;
	entry = find_entry(name, uid, by_number);
	if (!entry) {
		/* POSIX has no error for "not found"; glibc returns these (getpwnam(3)). */
		err = errno && errno != ESRCH && errno != EBADF && errno != EPERM ? -errno
		                                                                  : -ENOENT;
		if (err == -ENOENT)
			log_error("--user %s: there is no such user", name);
		else
			log_error("--user %s: cannot be looked up: %s", name, strerror(-err));
		return err;
	}
	err = copy_entry(entry, user);
	if (err) {
		log_error("--user %s: out of memory", name);
		user_free(user);
	}
	return err;
}

void user_free(struct user *user)
{
	free(user->groups);
	free(user->name);
	free(user->home);
	free(user->shell);
	*user = (struct user){0};
}

int user_become(const struct user *user)
{
	if (syscall(SYS_setgroups, user->n_groups, user->groups) ||
	    syscall(SYS_setresgid, user->gid, user->gid, user->gid) ||
	    syscall(SYS_setresuid, user->uid, user->uid, user->uid))
		return -errno;
	return 0;
}

static int note_before(struct user_before *before)
{
	const int n = getgroups(0, NULL);

	*before = (struct user_before){.gid = getegid()};
	if (n < 0)
		return -errno;
	before->groups = calloc((size_t)n + 1, sizeof(*before->groups));
	if (!before->groups)
		return -ENOMEM;
	before->n_groups = (size_t)n;
	return getgroups(n, before->groups) < 0 ? -errno : 0;
}

/*
 * Effective ids of this thread alone. The C library would change those of all threads, and take
 * away the capabilities of one that is loading programs.
 */
static int set_group(gid_t gid)
{
	return syscall(SYS_setresgid, -1, gid, -1) ? -errno : 0;
}

static int set_user(uid_t uid)
{
	return syscall(SYS_setresuid, -1, uid, -1) ? -errno : 0;
}

static int set_groups(size_t n, const gid_t *groups)
{
	return syscall(SYS_setgroups, n, groups) ? -errno : 0;
}

int user_begin(const struct user *user, struct user_before *before)
{
	int err;

	if (!user)
		return 0;
	err = note_before(before);
	if (!err)
		err = set_groups(user->n_groups, user->groups);
	if (!err)
		err = set_group(user->gid);
	if (!err)
		err = set_user(user->uid);
	if (err) {
		log_error("cannot write files as user %s: %s", user->name, strerror(-err));
		user_end(user, before);
	}
	return err;
}

/* Root's capabilities stay permitted, and are effective again with its id (capabilities(7)). */
void user_end(const struct user *user, struct user_before *before)
{
	int err;

	if (!user)
		return;
	err = set_user(getuid());
	if (!err)
		err = set_group(before->gid);
	if (!err && before->groups)
		err = set_groups(before->n_groups, before->groups);
	if (err)
		log_error("cannot return to the agent's own user: %s", strerror(-err));
	free(before->groups);
	*before = (struct user_before){0};
}
