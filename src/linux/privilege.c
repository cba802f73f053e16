/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/privilege.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/log.h"

#define BIT(capability) (1ULL << (capability))

/* Needed until the end of the run. Some kernels require CAP_SYS_ADMIN instead of the other two. */
#define NEEDED_TO_RUN (BIT(CAP_BPF) | BIT(CAP_PERFMON) | BIT(CAP_SYS_ADMIN))

/* Locked memory before Linux 5.11; MSRs; energy files and MSR devices that only root may read. */
#define NEEDED_TO_OPEN                                                                             \
	(NEEDED_TO_RUN | BIT(CAP_SYS_RESOURCE) | BIT(CAP_SYS_RAWIO) | BIT(CAP_DAC_READ_SEARCH))

struct sets {
	struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3];
};

static int read_sets(struct sets *sets)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	return syscall(SYS_capget, &header, sets->words) ? -errno : 0;
}

static int write_sets(const struct sets *sets)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	return syscall(SYS_capset, &header, sets->words) ? -errno : 0;
}

/* Keep only these permitted capabilities, effective or not. Inheritable ones are unchanged. */
static int limit(uint64_t permitted, bool effective)
{
	struct sets sets;
	int err = read_sets(&sets);

	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3 && !err; i++) {
		sets.words[i].permitted &= (uint32_t)(permitted >> 32 * i);
		sets.words[i].effective = effective ? sets.words[i].permitted : 0;
	}
	return err ? err : write_sets(&sets);
}

bool privilege_is_borrowed(void)
{
	return getauxval(AT_SECURE) != 0;
}

int privilege_begin(void)
{
	int err;

	if (!privilege_is_borrowed())
		return 0;
	if (getuid() != geteuid() || getgid() != getegid()) {
		return log_errno(
			-EPERM,
			"the program's file is set-user-ID or set-group-ID: with the rights of "
			"its owner, files of others could be read and overwritten\n"
			"take the bits away, and grant what measuring needs: sudo chmod "
			"ug-s FILE; sudo setcap cap_bpf,cap_perfmon=ep FILE");
	}
	/* The kernel has done so at exec, unless fs.suid_dumpable is 1. */
	err = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ? -errno : 0;
	if (!err)
		err = limit(NEEDED_TO_OPEN, false);
	if (err)
		log_error("cannot give up capabilities: %s", strerror(-err));
	return err;
}

/* Making permitted capabilities effective does not fail, nor does making them ineffective. */
void privilege_raise(void)
{
	if (privilege_is_borrowed())
		limit(UINT64_MAX, true);
}

void privilege_lower(void)
{
	if (privilege_is_borrowed())
		limit(UINT64_MAX, false);
}

void privilege_settle(void)
{
	if (privilege_is_borrowed())
		limit(NEEDED_TO_RUN, false);
}

void privilege_give_up(void)
{
	const uint64_t kept = privilege_is_borrowed() ? 0 : BIT(CAP_DAC_READ_SEARCH);

	limit(kept, true);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
