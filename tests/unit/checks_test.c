/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the checks find of the kernel, of privileges, and of the machine. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor_machine.h"
#include "linux/capability.h"
#include "checks_support.h"

static void a_kernel_with_all_it_takes_is_good(void **state)
{
	struct laid_out *l = *state;

	lay_out(l, "proc/sys/kernel/osrelease", "5.8.0-1-amd64\n");
	lay_out(l, "proc/sys/net/core/bpf_jit_enable", "1\n");
	lay_out(l, "sys/kernel/btf/vmlinux", "BTF");
	lay_out(l, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	perf_check_kernel(&l->perf);
	found(l, "version", GOOD, "Linux 5.8.0-1-amd64");
	found(l, "BTF", GOOD, "");
	found(l, "lockdown", GOOD, "");
	found(l, "BPF JIT", GOOD, "on");
	assert_true(findings_work(&l->findings));
}

static void an_old_kernel_without_btf_is_not(void **state)
{
	struct laid_out *l = *state;

	lay_out(l, "proc/sys/kernel/osrelease", "5.7.19\n");
	lay_out(l, "proc/sys/net/core/bpf_jit_enable", "0\n");
	lay_out(l, "sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
	perf_check_kernel(&l->perf);
	found(l, "version", FATAL, "Linux 5.7.19 is too old");
	found(l, "BTF", FATAL, "no /sys/kernel/btf/vmlinux");
	found(l, "lockdown", FATAL, "confidentiality");
	found(l, "BPF JIT", LACKING, "off");
	assert_false(findings_work(&l->findings));
}

/* The light loader may do without it: whether exec works the programs tell. */
static void a_newer_kernel_may_do_without_btf(void **state)
{
	struct laid_out *l = *state;

	lay_out(l, "proc/sys/kernel/osrelease", "6.1.0-13-amd64\n");
	perf_check_kernel(&l->perf);
	found(l, "BTF", LACKING, "no /sys/kernel/btf/vmlinux");
	assert_true(findings_work(&l->findings));
}

static void a_kernel_before_the_light_loader_may_not(void **state)
{
	struct laid_out *l = *state;

	lay_out(l, "proc/sys/kernel/osrelease", "6.0.19\n");
	perf_check_kernel(&l->perf);
	found(l, "BTF", FATAL, "no /sys/kernel/btf/vmlinux");
	assert_false(findings_work(&l->findings));
}

static void versions_are_compared_as_numbers(void **state)
{
	struct laid_out *l = *state;

	lay_out(l, "proc/sys/kernel/osrelease", "5.10.0\n");
	perf_check_kernel(&l->perf);
	found(l, "version", GOOD, "5.10.0");
	findings_free(&l->findings);

	lay_out(l, "proc/sys/kernel/osrelease", "10.1\n");
	perf_check_kernel(&l->perf);
	found(l, "version", GOOD, "10.1");
	findings_free(&l->findings);

	lay_out(l, "proc/sys/kernel/osrelease", "garbage\n");
	perf_check_kernel(&l->perf);
	found(l, "version", LACKING, "not known");
}

static void without_the_plugin_perf_a_kernel_without_bpf_does_no_harm(void **state)
{
	struct laid_out *l = *state;

	l->check.enabled = false;
	lay_out(l, "proc/sys/kernel/osrelease", "4.19.0\n");
	perf_check_kernel(&l->perf);
	found(l, "version", LACKING, "4.19.0");
	assert_true(findings_work(&l->findings));
}

static void capabilities_are_those_of_the_process(void **state)
{
	struct laid_out *l = *state;
	const bool may = capability_is_effective(CAP_BPF) || capability_is_effective(CAP_SYS_ADMIN);

	lay_out(l, "proc/sys/kernel/perf_event_paranoid", "4\n");
	lay_out(l, "proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
	perf_check_privileges(&l->perf);
	found(l, "CAP_BPF", may ? GOOD : FATAL, "");
	found(l, "kernel.unprivileged_bpf_disabled", GOOD, "2");
	found(l, "kernel.perf_event_paranoid", l->perf.may_perf ? GOOD : LACKING, "4");
	permission_remedy(l->root, l->perf.remedy);
	assert_non_null(strstr(l->perf.remedy, "setcap cap_bpf,cap_perfmon=ep /"));
}

static void remedy_in_a_container_tells_how_to_start_it(void **state)
{
	struct laid_out *l = *state;

	permission_remedy(l->root, l->perf.remedy);
	assert_null(strstr(l->perf.remedy, "--cap-add"));
	lay_out(l, "run/.containerenv", "");
	permission_remedy(l->root, l->perf.remedy);
	assert_non_null(strstr(l->perf.remedy, "--cap-add BPF --cap-add PERFMON"));
}

static void a_plain_machine_is_neither_container_nor_virtual(void **state)
{
	struct laid_out *l = *state;

	lay_out(l, "proc/1/cgroup", "0::/init.scope\n");
	lay_out(l, "proc/cpuinfo",
	        "processor\t: 0\nmodel name\t: my hypervisor CPU\n"
	        "flags\t\t: fpu vme sse2\nbugs\t\t: a hypervisor bug\n\nprocessor\t: 1\n");
	doctor_check_machine(&l->check);
	found(l, "container", GOOD, "none");
	found(l, "virtual machine", GOOD, "none");
}

static void containers_and_virtual_machines_are_recognised(void **state)
{
	static const struct {
		const char *path, *text, *engine;
	} containers[] = {
		{".dockerenv", "", "Docker"},
		{"run/.containerenv", "", "Podman"},
		{"proc/1/cgroup", "0::/kubepods.slice/pod1\n", "kubepods"},
	};
	struct laid_out *l = *state;

	lay_out(l, "proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu hypervisor sse2\n");
	lay_out(l, "sys/class/dmi/id/sys_vendor", "QEMU\n");
	for (size_t i = 0; i < 3; i++) {
		char path[256];

		lay_out(l, containers[i].path, containers[i].text);
		doctor_check_machine(&l->check);
		found(l, "container", GOOD, containers[i].engine);
		found(l, "virtual machine", GOOD, "(QEMU)");
		findings_free(&l->findings);
		snprintf(path, sizeof(path), "%s/%s", l->root, containers[i].path);
		assert_int_equal(remove(path), 0);
	}
}

/* What the machine lacks anyway needs no privileges, nor a line for each kind of event. */
static void without_a_pmu_only_that_is_said(void **state)
{
	struct laid_out *l = *state;

	snprintf(l->perf.remedy, sizeof(l->perf.remedy), "setcap");
	lay_out(l, "sys/bus/event_source/devices/software/type", "1\n");
	perf_check_events(&l->perf);
	found(l, "hardware counters", LACKING, "none");
	assert_null(strstr(find(l, "hardware counters")->remedy, "setcap"));
	for (size_t i = 0; i < l->findings.n; i++) {
		if (strcmp(l->findings.items[i].subject, "hardware events") == 0 ||
		    strcmp(l->findings.items[i].subject, "cache events") == 0)
			assert_int_equal(l->findings.items[i].verdict, GOOD);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_kernel_with_all_it_takes_is_good),
		TEST(an_old_kernel_without_btf_is_not),
		TEST(a_newer_kernel_may_do_without_btf),
		TEST(a_kernel_before_the_light_loader_may_not),
		TEST(versions_are_compared_as_numbers),
		TEST(without_the_plugin_perf_a_kernel_without_bpf_does_no_harm),
		TEST(capabilities_are_those_of_the_process),
		TEST(remedy_in_a_container_tells_how_to_start_it),
		TEST(a_plain_machine_is_neither_container_nor_virtual),
		TEST(containers_and_virtual_machines_are_recognised),
		TEST(without_a_pmu_only_that_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
