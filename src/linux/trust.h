/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Protects against files and links that somebody else may have put where the agent expects its own.
 * The rules do not depend on fs.protected_symlinks, _hardlinks, _fifos and _regular.
 *
 * Own files are those of the caller and of root. Under sudo, those of the user who called it are
 * own, too: a user who may run the agent as root may let it use their own files.
 */
#ifndef LINUX_TRUST_H
#define LINUX_TRUST_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

/* Whether the owner is the caller, root, or, for root under sudo, the user who called sudo. */
bool trust_is_own(uid_t owner);

/*
 * Whether somebody else may write to the directory or file: it is not own, or is writable for all,
 * or for a group other than root's and its owner's private one (with the owner's number).
 */
bool trust_is_shared(const struct stat *status);

/* A path that is resolved up to its last name; all symbolic links are followed. */
struct trusted_name {
	int folder; /* O_PATH, close-on-exec; -1: none */
	char name[NAME_MAX + 1];
	bool exists;
	bool is_magic;      /* a link in procfs, which only the kernel can follow */
	bool is_link;       /* the path itself names a symbolic link, which was followed */
	bool is_shared;     /* folder is shared */
	struct stat status; /* of the file, if it exists */
};

/*
 * Resolve the path. In a shared directory, a symbolic link is only followed if it is own, or with
 * trust_others. Returns 0, even if the last name does not exist, and the caller closes
 * name->folder; or a negative errno. Then *why says what happened; NULL: the errno is enough.
 */
int trust_find(const char *path, bool trust_others, struct trusted_name *name, const char **why);

/*
 * Why the file found under the name, with this status, may not be written; NULL: it may. In a
 * shared directory, it must be own and have a single link.
 */
const char *trust_problem(const struct trusted_name *name, const struct stat *status,
                          bool trust_others);

/* trust_find(), for a file that is to be written: if it exists, trust_problem() has none. */
int trust_find_writable(const char *path, bool trust_others, struct trusted_name *name,
                        const char **why);

/*
 * Whether new_file_open() could write the file, as far as that is known without opening it: a full
 * disk is not. Returns 0 or a negative errno, logged.
 */
int trust_check(const char *path, bool trust_others);

#endif
