/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/permission.h"

#include <linux/capability.h>
#include <stdio.h>
#include <unistd.h>

#include "linux/capability.h"
#include "linux/container.h"

bool permission_for_perf(void)
{
	return user_namespace_is_initial() &&
	       (capability_is_effective(CAP_SYS_ADMIN) || capability_is_effective(CAP_PERFMON));
}

bool permission_for_bpf(void)
{
	return permission_for_perf() &&
	       (capability_is_effective(CAP_SYS_ADMIN) || capability_is_effective(CAP_BPF));
}

void permission_remedy(const char *sysroot, char text[static PERMISSION_REMEDY_SIZE])
{
	char path[384] = "alumet-agent";
	const ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n > 0)
		path[n] = '\0';
	if (!user_namespace_is_initial())
		snprintf(text, PERMISSION_REMEDY_SIZE, USER_NAMESPACE_REMEDY);
	else
		snprintf(text, PERMISSION_REMEDY_SIZE,
		         "sudo setcap cap_bpf,cap_perfmon=ep %s\nor run it as root%s", path,
		         container_engine(sysroot) ? "\nand start the container with --cap-add BPF "
		                                     "--cap-add PERFMON"
		                                   : "");
}
