/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/log_write.h"
#include "linux/descriptors.h"

/* MAXSYMLINKS of the kernel's include/linux/namei.h. */
#define LINKS_MAX 40

/* The user who called sudo; -1: nobody did, or the caller is not root. */
static uid_t sudo_user(void)
{
	const char *text = getuid() == 0 && geteuid() == 0 ? getenv("SUDO_UID") : NULL;
	unsigned long uid;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return (uid_t)-1;
	errno = 0;
	uid = strtoul(text, &end, 10);
	return errno || *end || uid >= (uid_t)-1 ? (uid_t)-1 : (uid_t)uid;
}

bool trust_is_own(uid_t owner)
{
	return owner == 0 || owner == geteuid() || (owner != (uid_t)-1 && owner == sudo_user());
}

/* useradd gives each user a private group, which has the user's number. */
static bool is_private_group(const struct stat *status)
{
	return status->st_gid == status->st_uid && status->st_gid != 0;
}

bool trust_is_shared(const struct stat *status)
{
	return !trust_is_own(status->st_uid) || status->st_mode & S_IWOTH ||
	       (status->st_mode & S_IWGRP && status->st_gid != 0 && !is_private_group(status));
}

/* A path that is being resolved. */
struct walk {
	char rest[PATH_MAX]; /* what is left to resolve */
	int links;
	bool trust_others;
	struct trusted_name *name;
	const char **why;
};

static int enter(struct walk *walk, int folder)
{
	struct stat status;

	if (folder < 0)
		return -errno;
	if (walk->name->folder >= 0)
		close(walk->name->folder);
	walk->name->folder = folder;
	if (fstat(folder, &status) < 0)
		return -errno;
	walk->name->is_shared = trust_is_shared(&status);
	return 0;
}

static int enter_start(struct walk *walk)
{
	return enter(walk,
	             open(walk->rest[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* Move the first name of rest into name->name. */
static int take_name(struct walk *walk, bool *is_last)
{
	char *start = walk->rest + strspn(walk->rest, "/");
	size_t length = strcspn(start, "/");
	char *next = start + length;

	if (length > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(walk->name->name, length ? start : ".", length ? length : 1);
	walk->name->name[length ? length : 1] = '\0';
	*is_last = !next[strspn(next, "/")];
	memmove(walk->rest, next, strlen(next) + 1);
	return 0;
}

static bool is_on_procfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* Put the link's target in front of rest. */
static int follow(struct walk *walk, const struct stat *link, bool is_last)
{
	char target[PATH_MAX];
	ssize_t length;

	if (walk->name->is_shared && !walk->trust_others && !trust_is_own(link->st_uid)) {
		*walk->why = "there is a symbolic link that somebody else has put into a directory "
			     "where others may create files";
		return -EACCES;
	}
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	walk->name->is_link |= is_last;
	length = readlinkat(walk->name->folder, walk->name->name, target, sizeof(target) - 1);
	if (length < 0)
		return -errno;
	if ((size_t)length + strlen(walk->rest) + 1 > sizeof(walk->rest))
		return -ENAMETOOLONG;
	memmove(walk->rest + length, walk->rest, strlen(walk->rest) + 1);
	memcpy(walk->rest, target, (size_t)length);
	return walk->rest[0] == '/' ? enter_start(walk) : 0;
}

/* Resolve one name. Returns 1 if it was the last one, 0 otherwise, or a negative errno. */
static int step(struct walk *walk)
{
	struct trusted_name *name = walk->name;
	bool is_last;
	int err = take_name(walk, &is_last);

	if (err)
		return err;
	name->exists = fstatat(name->folder, name->name, &name->status, AT_SYMLINK_NOFOLLOW) == 0;
	if (!name->exists)
		return errno == ENOENT && is_last && !*walk->rest ? 1 : -errno;
	if (S_ISLNK(name->status.st_mode) && is_on_procfs(name->folder)) {
		if (!is_last)
			return enter(walk, openat(name->folder, name->name,
			                          O_PATH | O_DIRECTORY | O_CLOEXEC));
		name->is_magic = true;
		return fstatat(name->folder, name->name, &name->status, 0) < 0 ? -errno : 1;
	}
	if (S_ISLNK(name->status.st_mode))
		return follow(walk, &name->status, is_last);
	if (is_last)
		return 1;
	return enter(walk, openat(name->folder, name->name,
	                          O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

int trust_find(const char *path, bool trust_others, struct trusted_name *name, const char **why)
{
	struct walk walk = {.trust_others = trust_others, .name = name, .why = why};
	int result;

	*name = (struct trusted_name){.folder = -1};
	*why = NULL;
	if (!*path)
		return -ENOENT;
	if (strlen(path) >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	memcpy(walk.rest, path, strlen(path) + 1);
	result = enter_start(&walk);
	while (result == 0)
		result = step(&walk);
	if (result < 0 && name->folder >= 0) {
		close(name->folder);
		name->folder = -1;
	}
	return result < 0 ? result : 0;
}

const char *trust_problem(const struct trusted_name *name, const struct stat *status,
                          bool trust_others)
{
	if (!name->is_shared || trust_others)
		return NULL;
	if (!trust_is_own(status->st_uid))
		return "it belongs to somebody else, in a directory where others may create files";
	if (S_ISREG(status->st_mode) && status->st_nlink > 1)
		return "it has a second name (a hard link), and stands in a directory where others "
		       "may create files";
	return NULL;
}

int trust_find_writable(const char *path, bool trust_others, struct trusted_name *name,
                        const char **why)
{
	const int err = trust_find(path, trust_others, name, why);

	if (err)
		return err;
	if (name->exists)
		*why = trust_problem(name, &name->status, trust_others);
	if (!*why)
		return 0;
	close(name->folder);
	return -EACCES;
}

/* access() asks for the effective user, and does not wait for the reader of a FIFO. */
static int check_access(const struct trusted_name *name)
{
	if (name->exists && S_ISDIR(name->status.st_mode))
		return -EISDIR;
	if (faccessat(name->folder, name->exists ? name->name : ".",
	              name->exists ? W_OK : W_OK | X_OK, AT_EACCESS) < 0)
		return -errno;
	return 0;
}

int trust_check(const char *path, bool trust_others)
{
	const int named = descriptors_named(path);
	const char *why = named >= 0 ? descriptors_problem(named) : NULL;
	struct trusted_name name;
	int err;

	if (named >= 0)
		return why ? log_cannot_write(path, -EBADF, why) : 0;
	err = trust_find_writable(path, trust_others, &name, &why);
	if (!err) {
		err = check_access(&name);
		close(name.folder);
	}
	return err ? log_cannot_write(path, err, why) : 0;
}
