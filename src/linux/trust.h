/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Files and links that somebody else may have put where the agent looks for its own. The rule is the
 * agent's: it does not depend on fs.protected_symlinks, _hardlinks, _fifos and _regular.
 *
 * Own is what belongs to the caller or to root. Under sudo what belongs to the user who called it is
 * own, too: who may run the agent as root in a folder of his may do so with his files there.
 */
#ifndef LINUX_TRUST_H
#define LINUX_TRUST_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

/* Whether the owner is the caller, root, or, for root under sudo, the user who called that. */
bool trust_is_own(uid_t owner);

/*
 * Whether somebody else may write to the folder or file: another's, or writable for all, or for a
 * group other than the private one of the caller (with the caller's number).
 */
bool trust_is_shared(const struct stat *status);

/* A path down to its last name, every symbolic link followed. */
struct trusted_name {
	int folder; /* O_PATH, close-on-exec; -1: none */
	char name[NAME_MAX + 1];
	bool exists;
	bool is_magic;      /* a link of procfs, which only the kernel can follow */
	bool is_link;       /* the path itself names a symbolic link, which was followed */
	bool is_shared;     /* the folder */
	struct stat status; /* of what is there, if it exists */
};

/*
 * Resolve the path. A symbolic link in a folder that is shared is followed only if it is own, or
 * trust_others. Returns 0, also when the last name does not exist; or a negative errno: then *why is
 * what happened in words, or NULL where the errno says it. The folder is the caller's to close.
 */
int trust_find(const char *path, bool trust_others, struct trusted_name *name, const char **why);

/*
 * Why a file with that status, found under the name, may not be written: NULL if it may. In a folder
 * that is shared it must be own, with one link.
 */
const char *trust_problem(const struct trusted_name *name, const struct stat *status,
                          bool trust_others);

/*
 * Create or empty the file at path under these rules, for one who writes it in one go. A FIFO without
 * reader is refused (-ENXIO). Returns a close-on-exec descriptor or a negative errno, with why as
 * trust_find().
 */
int trust_create(const char *path, bool trust_others, const char **why);

#endif
