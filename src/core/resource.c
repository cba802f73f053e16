/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "alumet/resource.h"

/* No default case: the compiler warns about a missing kind. */
const char *resource_kind_name(enum resource_kind kind)
{
	switch (kind) {
	case RESOURCE_LOCAL_MACHINE:
		return "local_machine";
	case RESOURCE_CPU_PACKAGE:
		return "cpu_package";
	case RESOURCE_DRAM:
		return "dram";
	case RESOURCE_CPU_CORE:
		return "cpu_core";
	case RESOURCE_GPU:
		return "gpu";
	case RESOURCE_KINDS:
		break;
	}
	return "unknown";
}

const char *consumer_kind_name(enum consumer_kind kind)
{
	switch (kind) {
	case CONSUMER_LOCAL_MACHINE:
		return "local_machine";
	case CONSUMER_PROCESS:
		return "process";
	case CONSUMER_CGROUP:
		return "cgroup";
	case CONSUMER_KINDS:
		break;
	}
	return "unknown";
}
