/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The doctor's look at the kernel and at what this process may do with it. */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/doctor_checks.h"
#include "linux/capability.h"

/* Linux 5.8 has CAP_BPF and CAP_PERFMON, the ring buffer, and BTF of the tracepoints. */
#define NEEDED_MAJOR 5
#define NEEDED_MINOR 8
/* From Linux 6.1 on the programs are loaded by the kernel's own means. */
#define LIGHT_MAJOR 6
#define LIGHT_MINOR 1

static void check_version(struct examination *examination)
{
	char release[256];
	int major, minor;

	if (!doctor_read(examination, "proc/sys/kernel/osrelease", release, sizeof(release)) ||
	    sscanf(release, "%d.%d", &major, &minor) != 2)
		report_add(examination->report, AREA_KERNEL, LACKING, "version",
		           "mount procfs: mount -t proc proc /proc",
		           "not known: /proc/sys/kernel/osrelease cannot be read");
	else if (major < NEEDED_MAJOR || (major == NEEDED_MAJOR && minor < NEEDED_MINOR))
		report_add(examination->report, AREA_KERNEL, examination->no_bpf, "version",
		           "boot a kernel of 5.8 or newer", "Linux %s is too old", release);
	else
		report_add(examination->report, AREA_KERNEL, GOOD, "version", NULL, "Linux %s",
		           release);
}

/* The light loader does without the file: the kernel itself looks its types up; sources/perf/programs.c. */
static bool may_do_without_btf(const struct examination *examination)
{
	char release[256];
	int major, minor;

	return doctor_read(examination, "proc/sys/kernel/osrelease", release, sizeof(release)) &&
	       sscanf(release, "%d.%d", &major, &minor) == 2 &&
	       (major > LIGHT_MAJOR || (major == LIGHT_MAJOR && minor >= LIGHT_MINOR));
}

static void check_btf(struct examination *examination)
{
	if (doctor_exists(examination, "sys/kernel/btf/vmlinux"))
		report_add(examination->report, AREA_KERNEL, GOOD, "BTF", NULL,
		           "/sys/kernel/btf/vmlinux");
	else if (may_do_without_btf(examination))
		report_add(examination->report, AREA_KERNEL, LACKING, "BTF",
		           "show /sys/kernel/btf to this container, or boot a kernel built with "
		           "CONFIG_DEBUG_INFO_BTF=y",
		           "there is no /sys/kernel/btf/vmlinux: hidden, or the kernel does not "
		           "describe its types");
	else
		report_add(examination->report, AREA_KERNEL, examination->no_bpf, "BTF",
		           "boot a kernel built with CONFIG_DEBUG_INFO_BTF=y, as those of the "
		           "distributions are",
		           "there is no /sys/kernel/btf/vmlinux: the kernel does not describe its "
		           "types");
}

/* https://docs.kernel.org/admin-guide/LSM/ (lockdown): confidentiality forbids reading kernel memory. */
static void check_lockdown(struct examination *examination)
{
	char modes[128];

	if (!doctor_read(examination, "sys/kernel/security/lockdown", modes, sizeof(modes)))
		return;
	if (strstr(modes, "[confidentiality]"))
		report_add(examination->report, AREA_KERNEL, examination->no_bpf, "lockdown",
		           "boot with lockdown=integrity, or without Secure Boot",
		           "confidentiality: BPF programs may not read what the kernel counts");
	else
		report_add(examination->report, AREA_KERNEL, GOOD, "lockdown", NULL, "%s", modes);
}

static void check_jit(struct examination *examination)
{
	char value[32];

	if (!doctor_read(examination, "proc/sys/net/core/bpf_jit_enable", value, sizeof(value)))
		return;
	if (strcmp(value, "0") == 0)
		report_add(examination->report, AREA_KERNEL, LACKING, "BPF JIT",
		           "sudo sysctl net.core.bpf_jit_enable=1",
		           "off: measuring costs several times more");
	else
		report_add(examination->report, AREA_KERNEL, GOOD, "BPF JIT", NULL, "on");
}

void doctor_check_kernel(struct examination *examination)
{
	check_version(examination);
	check_btf(examination);
	check_lockdown(examination);
	check_jit(examination);
}

/* ---- privileges ---- */

static void make_remedy(struct examination *examination)
{
	char path[384] = "alumet-agent";
	const ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[n > 0 ? n : (ssize_t)strlen(path)] = '\0';
	if (!user_namespace_is_initial())
		snprintf(examination->remedy, sizeof(examination->remedy), USER_NAMESPACE_REMEDY);
	else
		snprintf(examination->remedy, sizeof(examination->remedy),
		         "sudo setcap cap_bpf,cap_perfmon=ep %s\nor run it as root%s", path,
		         doctor_find_container(examination)
		                 ? "\nand start the container with --cap-add BPF --cap-add PERFMON"
		                 : "");
}

static void check_capability(struct examination *examination, int capability, const char *name,
                             const char *use)
{
	struct report *report = examination->report;

	if (!user_namespace_is_initial())
		report_add(report, AREA_PRIVILEGES, examination->no_bpf, name, examination->remedy,
		           "of no use here: " USER_NAMESPACE_REASON);
	else if (capability_is_effective(capability))
		report_add(report, AREA_PRIVILEGES, GOOD, name, NULL, "there: %s", use);
	else if (capability_is_effective(CAP_SYS_ADMIN))
		report_add(report, AREA_PRIVILEGES, GOOD, name, NULL,
		           "not there, CAP_SYS_ADMIN stands for it: %s", use);
	else
		report_add(report, AREA_PRIVILEGES, examination->no_bpf, name, examination->remedy,
		           "not there: %s", use);
}

/* A file's capabilities are not granted where these switches are set. */
static void check_no_new_privs(struct examination *examination)
{
	char status[4096];
	const char *line;

	if (!doctor_read(examination, "proc/self/status", status, sizeof(status)))
		return;
	line = strstr(status, "\nNoNewPrivs:\t1");
	if (line && !examination->may_bpf)
		report_add(examination->report, AREA_PRIVILEGES, LACKING, "no_new_privs",
		           "start it outside of the sandbox or service that sets this "
		           "(systemd: NoNewPrivileges=no)",
		           "set: capabilities of the program's file have no effect");
}

static void check_sys_admin(struct examination *examination)
{
	if (capability_is_effective(CAP_SYS_ADMIN))
		report_add(examination->report, AREA_PRIVILEGES, GOOD, "CAP_SYS_ADMIN", NULL,
		           "there, not needed");
	else
		report_add(examination->report, AREA_PRIVILEGES, GOOD, "CAP_SYS_ADMIN", NULL,
		           "not there, not needed");
}

static void check_unprivileged_bpf(struct examination *examination)
{
	char value[32];

	if (doctor_read(examination, "proc/sys/kernel/unprivileged_bpf_disabled", value,
	                sizeof(value)))
		report_add(examination->report, AREA_PRIVILEGES, GOOD,
		           "kernel.unprivileged_bpf_disabled", NULL,
		           "%s: does not matter: CAP_BPF is needed with any value", value);
}

/* Debian's levels 3 and 4 ask for privileges even for a process's own events. */
static void check_paranoid(struct examination *examination)
{
	char value[32];

	if (!doctor_read(examination, "proc/sys/kernel/perf_event_paranoid", value,
	                 sizeof(value))) {
		report_add(examination->report, AREA_PRIVILEGES, LACKING,
		           "kernel.perf_event_paranoid",
		           "boot a kernel built with CONFIG_PERF_EVENTS=y",
		           "there is no such setting: this kernel has no perf events");
		return;
	}
	if (examination->may_perf)
		report_add(examination->report, AREA_PRIVILEGES, GOOD, "kernel.perf_event_paranoid",
		           NULL, "%s: does not matter with CAP_PERFMON", value);
	else if (atoi(value) <= 0)
		report_add(examination->report, AREA_PRIVILEGES, GOOD, "kernel.perf_event_paranoid",
		           NULL, "%s: events of whole CPUs are open to everybody", value);
	else
		report_add(examination->report, AREA_PRIVILEGES, LACKING,
		           "kernel.perf_event_paranoid", examination->remedy,
		           "%s: without CAP_PERFMON no event can be counted on a whole CPU", value);
}

void doctor_check_privileges(struct examination *examination)
{
	const bool admin = capability_is_effective(CAP_SYS_ADMIN);

	make_remedy(examination);
	examination->may_perf =
		user_namespace_is_initial() && (admin || capability_is_effective(CAP_PERFMON));
	examination->may_bpf = examination->may_perf && (admin || capability_is_effective(CAP_BPF));

	report_add(examination->report, AREA_PRIVILEGES, GOOD, "user", NULL, "%s (uid %u)",
	           geteuid() == 0 ? "root" : "not root", geteuid());
	check_capability(examination, CAP_BPF, "CAP_BPF", "loads the programs");
	check_capability(examination, CAP_PERFMON, "CAP_PERFMON",
	                 "attaches them, and opens events on whole CPUs");
	check_sys_admin(examination);
	check_no_new_privs(examination);
	check_unprivileged_bpf(examination);
	check_paranoid(examination);
}
