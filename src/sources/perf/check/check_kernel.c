/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel, and what this process may do with it. */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/capability.h"
#include "linux/process_names.h"
#include "linux/process_status.h"
#include "linux/text_file.h"
#include "sources/perf/check/check_parts.h"

/* Linux 5.8 has CAP_BPF and CAP_PERFMON, the ring buffer, and BTF of the tracepoints. */
#define NEEDED_MAJOR 5
#define NEEDED_MINOR 8
/* From Linux 6.1 on, the light loader can load the programs. */
#define LIGHT_MAJOR 6
#define LIGHT_MINOR 1

static void check_version(struct perf_check *perf)
{
	char release[256];
	int major, minor;

	if (text_file_read(perf->check->sysroot, "proc/sys/kernel/osrelease", release,
	                   sizeof(release)) ||
	    sscanf(release, "%d.%d", &major, &minor) != 2)
		check_add(perf->check, LACKING, "version", "mount procfs: mount -t proc proc /proc",
		          "not known: /proc/sys/kernel/osrelease cannot be read");
	else if (major < NEEDED_MAJOR || (major == NEEDED_MAJOR && minor < NEEDED_MINOR))
		perf_check_obstacle(perf, "version", "boot a kernel of 5.8 or newer",
		                    "Linux %s is too old", release);
	else
		check_add(perf->check, GOOD, "version", NULL, "Linux %s", release);
}

/* The light loader does not need the file: the kernel itself looks types up; see bpf/light.c. */
static bool may_do_without_btf(const struct perf_check *perf)
{
	char release[256];
	int major, minor;

	return !text_file_read(perf->check->sysroot, "proc/sys/kernel/osrelease", release,
	                       sizeof(release)) &&
	       sscanf(release, "%d.%d", &major, &minor) == 2 &&
	       (major > LIGHT_MAJOR || (major == LIGHT_MAJOR && minor >= LIGHT_MINOR));
}

static void check_btf(struct perf_check *perf)
{
	if (text_file_exists(perf->check->sysroot, "sys/kernel/btf/vmlinux"))
		check_add(perf->check, GOOD, "BTF", NULL, "/sys/kernel/btf/vmlinux");
	else if (may_do_without_btf(perf))
		check_add(perf->check, LACKING, "BTF",
		          "show /sys/kernel/btf to this container, or boot a kernel built with "
		          "CONFIG_DEBUG_INFO_BTF=y",
		          "there is no /sys/kernel/btf/vmlinux: hidden, or the kernel does not "
		          "describe its types");
	else
		perf_check_obstacle(
			perf, "BTF",
			"boot a kernel built with CONFIG_DEBUG_INFO_BTF=y, as those of the "
			"distributions are",
			"there is no /sys/kernel/btf/vmlinux: the kernel does not describe its "
			"types");
}

/*
 * https://docs.kernel.org/admin-guide/LSM/ (lockdown): confidentiality forbids reading kernel
 * memory.
 */
static void check_lockdown(struct perf_check *perf)
{
	char modes[128];

	if (text_file_read(perf->check->sysroot, "sys/kernel/security/lockdown", modes,
	                   sizeof(modes)))
		return;
	if (strstr(modes, "[confidentiality]"))
		perf_check_obstacle(
			perf, "lockdown", "boot with lockdown=integrity, or without Secure Boot",
			"confidentiality: BPF programs may not read what the kernel counts");
	else
		check_add(perf->check, GOOD, "lockdown", NULL, "%s", modes);
}

static void check_jit(struct perf_check *perf)
{
	char value[32];

	if (text_file_read(perf->check->sysroot, "proc/sys/net/core/bpf_jit_enable", value,
	                   sizeof(value)))
		return;
	if (strcmp(value, "0") == 0)
		check_add(perf->check, LACKING, "BPF JIT", "sudo sysctl net.core.bpf_jit_enable=1",
		          "off: measuring costs several times more");
	else
		check_add(perf->check, GOOD, "BPF JIT", NULL, "on");
}

static int count_agent(void *data, uint32_t pid)
{
	static const char name[] = "alumet-agent";
	size_t *n = data;
	char *exe = pid == (uint32_t)getpid() ? NULL : process_exe(pid);
	const char *base = exe ? strrchr(exe, '/') : NULL;

	*n += base && strcmp(base + 1, name) == 0;
	free(exe);
	return 0;
}

/* Several agents measure correctly side by side, but none of them shows their overhead. */
static void check_other_agents(const struct perf_check *perf)
{
	size_t n = 0;

	if (*perf->check->sysroot || process_for_each(count_agent, &n) || !n)
		return;
	check_add(
		perf->check, GOOD, "other agents", NULL,
		"%zu %s running: each adds some 55 ns to every context switch of the machine, and "
		"hardware events of all share the CPU's counters; one agent for the node costs "
		"that once (watch)",
		n, n == 1 ? "is" : "are");
}

void perf_check_kernel(struct perf_check *perf)
{
	check_area(perf->check, "kernel", "Kernel");
	check_version(perf);
	check_btf(perf);
	check_lockdown(perf);
	check_jit(perf);
	check_other_agents(perf);
}

/* ---- privileges ---- */

static void check_capability(struct perf_check *perf, int capability, const char *name,
                             const char *use)
{
	if (!user_namespace_is_initial())
		perf_check_obstacle(perf, name, perf->remedy,
		                    "of no use here: " USER_NAMESPACE_REASON);
	else if (capability_is_effective(capability))
		check_add(perf->check, GOOD, name, NULL, "there: %s", use);
	else if (capability_is_effective(CAP_SYS_ADMIN))
		check_add(perf->check, GOOD, name, NULL,
		          "not there, CAP_SYS_ADMIN stands for it: %s", use);
	else
		perf_check_obstacle(perf, name, perf->remedy, "not there: %s", use);
}

/* With no_new_privs, a file's capabilities are not granted. */
static void check_no_new_privs(struct perf_check *perf)
{
	char status[4096];
	const char *line;

	if (text_file_read(perf->check->sysroot, "proc/self/status", status, sizeof(status)))
		return;
	line = strstr(status, "\nNoNewPrivs:\t1");
	if (line && !perf->may_bpf)
		check_add(perf->check, LACKING, "no_new_privs",
		          "start it outside of the sandbox or service that sets this "
		          "(systemd: NoNewPrivileges=no)",
		          "set: capabilities of the program's file have no effect");
}

static void check_sys_admin(struct perf_check *perf)
{
	if (capability_is_effective(CAP_SYS_ADMIN))
		check_add(perf->check, GOOD, "CAP_SYS_ADMIN", NULL, "there, not needed");
	else
		check_add(perf->check, GOOD, "CAP_SYS_ADMIN", NULL, "not there, not needed");
}

static void check_unprivileged_bpf(struct perf_check *perf)
{
	char value[32];

	if (!text_file_read(perf->check->sysroot, "proc/sys/kernel/unprivileged_bpf_disabled",
	                    value, sizeof(value)))
		check_add(perf->check, GOOD, "kernel.unprivileged_bpf_disabled", NULL,
		          "%s: does not matter: CAP_BPF is needed with any value", value);
}

/* Debian's levels 3 and 4 require privileges even for a process's own events. */
static void check_paranoid(struct perf_check *perf)
{
	char value[32];

	if (text_file_read(perf->check->sysroot, "proc/sys/kernel/perf_event_paranoid", value,
	                   sizeof(value))) {
		check_add(perf->check, LACKING, "kernel.perf_event_paranoid",
		          "boot a kernel built with CONFIG_PERF_EVENTS=y",
		          "there is no such setting: this kernel has no perf events");
		return;
	}
	if (perf->may_perf)
		check_add(perf->check, GOOD, "kernel.perf_event_paranoid", NULL,
		          "%s: does not matter with CAP_PERFMON", value);
	else if (atoi(value) <= 0)
		check_add(perf->check, GOOD, "kernel.perf_event_paranoid", NULL,
		          "%s: events of whole CPUs are open to everybody", value);
	else
		check_add(perf->check, LACKING, "kernel.perf_event_paranoid", perf->remedy,
		          "%s: without CAP_PERFMON no event can be counted on a whole CPU", value);
}

void perf_check_privileges(struct perf_check *perf)
{
	check_area(perf->check, "privileges", "Privileges");
	check_add(perf->check, GOOD, "user", NULL, "%s (uid %u)",
	          geteuid() == 0 ? "root" : "not root", geteuid());
	check_capability(perf, CAP_BPF, "CAP_BPF", "loads the programs");
	check_capability(perf, CAP_PERFMON, "CAP_PERFMON",
	                 "attaches them, and opens events on whole CPUs");
	check_sys_admin(perf);
	check_no_new_privs(perf);
	check_unprivileged_bpf(perf);
	check_paranoid(perf);
}
