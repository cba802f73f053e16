/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/grace_period.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "linux/capability.h"

/*
 * When a program is detached, a grace period that began before is usually in progress: the next one
 * is needed as well.
 */
#define GRACE_PERIODS 2

void grace_period_expedite(void)
{
	if (!capability_is_effective(CAP_SYS_ADMIN))
		return;
	for (int i = 0; i < GRACE_PERIODS; i++) {
		int fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/",
		                      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

		if (fd < 0)
			return;
		close(fd);
	}
}
