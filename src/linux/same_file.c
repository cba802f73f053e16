/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/same_file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux/trust.h"

static bool is_same_inode(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_same(const struct trusted_name *a, const struct trusted_name *b)
{
	struct stat of_a, of_b;

	if (a->is_magic || b->is_magic || a->exists != b->exists)
		return false;
	if (a->exists)
		return S_ISREG(a->status.st_mode) && is_same_inode(&a->status, &b->status);
	return strcmp(a->name, b->name) == 0 && fstat(a->folder, &of_a) == 0 &&
	       fstat(b->folder, &of_b) == 0 && is_same_inode(&of_a, &of_b);
}

bool same_file(const char *a, const char *b)
{
	struct trusted_name of_a, of_b;
	const char *why;
	bool same = false;

	if (trust_find(a, true, &of_a, &why))
		return false;
	if (trust_find(b, true, &of_b, &why) == 0) {
		same = is_same(&of_a, &of_b);
		close(of_b.folder);
	}
	close(of_a.folder);
	return same;
}
