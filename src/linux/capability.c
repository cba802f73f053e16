/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/capability.h"

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "linux/privilege.h"

/* PROC_USER_INIT_INO of the kernel's include/linux/proc_ns.h. */
#define INITIAL_USER_NAMESPACE 0xeffffffdU

/* PROC_PID_INIT_INO. */
#define INITIAL_PID_NAMESPACE 0xeffffffcU

bool capability_is_effective(int capability)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capget, &header, data))
		return false;
	/* Borrowed capabilities are only made effective where they are used. */
	if (privilege_is_borrowed())
		return data[CAP_TO_INDEX(capability)].permitted & CAP_TO_MASK(capability);
	return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

bool user_namespace_is_initial(void)
{
	struct stat status;

	return stat("/proc/self/ns/user", &status) || status.st_ino == INITIAL_USER_NAMESPACE;
}

bool pid_namespace_is_initial(void)
{
	struct stat status;

	return !stat("/proc/self/ns/pid", &status) && status.st_ino == INITIAL_PID_NAMESPACE;
}
