/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Noise that the CPU adds to its energy counters. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "alumet/check.h"
#include "linux/sysfs.h"
#include "sources/rapl/machine.h"
#include "sources/rapl/rapl.h"

/*
 * Intel's "RAPL energy filtering", which keeps secrets from being read from the counters. It is on
 * if bit 0 of IA32_MISC_PACKAGE_CTLS is set, or SGX is enabled (Intel, "Running Average Power Limit
 * Energy Reporting", CVE-2020-8694).
 */
#define MISC_PACKAGE_CTLS 0xbc

static bool has_flag(int root, const char *flag)
{
	char cpuinfo[8192];
	const char *flags, *end, *at;
	const size_t length = strlen(flag);

	if (sysfs_read(root, "proc/cpuinfo", cpuinfo, sizeof(cpuinfo)) <= 0)
		return false;
	flags = strstr(cpuinfo, "\nflags");
	end = flags ? strchr(flags + 1, '\n') : NULL;
	for (at = flags; at && (at = strstr(at, flag)) && (!end || at < end); at += length) {
		if (at[-1] == ' ' && (at[length] == ' ' || at[length] == '\n' || !at[length]))
			return true;
	}
	return false;
}

/* 1: filtering is on; 0: it is off; -1: the register cannot be read. */
static int filtering(int root)
{
	int fd = openat(root, "dev/cpu/0/msr", O_RDONLY | O_CLOEXEC);
	uint64_t value;
	ssize_t got;

	if (fd < 0)
		return -1;
	got = pread(fd, &value, sizeof(value), MISC_PACKAGE_CTLS);
	close(fd);
	return got == sizeof(value) ? (int)(value & 1) : -1;
}

void rapl_check_filtering(struct check *check, const struct rapl_machine *machine)
{
	const int filters = filtering(machine->root);
	const bool sgx = has_flag(machine->root, "sgx");

	if (strcmp(machine->vendor, "GenuineIntel") != 0)
		return;
	if (filters > 0)
		check_add(
			check, LACKING, "energy filtering",
			"it is the firmware's to switch off (bit 0 of MSR 0xBC); or average over "
			"seconds",
			"is on: the CPU adds noise to its energy counters, so that short jobs and "
			"price intervals are less exact");
	else if (sgx)
		check_add(check, LACKING, "energy filtering",
		          "switch SGX off in the firmware; or average over seconds",
		          "is on: SGX is enabled, with which the CPU adds noise to its energy "
		          "counters, so that short jobs and price intervals are less exact");
	else if (filters == 0)
		check_add(check, GOOD, "energy filtering", NULL, "is off");
}
