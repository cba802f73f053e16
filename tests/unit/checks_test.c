/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/findings.h"
#include "doctor/doctor_machine.h"
#include "linux/capability.h"
#include "linux/permission.h"
#include "sources/perf/check/check_parts.h"
#include "sources/rapl/rapl.h"
#include "transforms/energy/energy.h"

/* Another machine, laid out in a folder, and what the plugins' checks find there. */
struct laid_out {
	char root[32];
	struct findings findings;
	struct check check;
	struct perf_settings perf_settings;
	struct rapl_settings rapl_settings;
	struct perf_check perf;
};

static int set_up(void **state)
{
	struct laid_out *l = calloc(1, sizeof(*l));

	strcpy(l->root, "/tmp/alumet-doctor.XXXXXX");
	if (!mkdtemp(l->root))
		return -1;
	l->check = (struct check){.sysroot = l->root, .enabled = true, .findings = &l->findings};
	l->perf = (struct perf_check){
		.check = &l->check,
		.settings = &l->perf_settings,
		.may_bpf = permission_for_bpf(),
		.may_perf = permission_for_perf(),
	};
	*state = l;
	return 0;
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	return remove(path);
}

static int tear_down(void **state)
{
	struct laid_out *l = *state;

	findings_free(&l->findings);
	nftw(l->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(l);
	return 0;
}

/* Make a file with its folders; text NULL: the last part is a folder. */
static void lay_out(struct laid_out *l, const char *path, const char *text)
{
	char whole[512];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s/%s", l->root, path);
	for (char *slash = strchr(whole + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(whole, 0755);
		*slash = '/';
	}
	if (!text) {
		mkdir(whole, 0755);
		return;
	}
	file = fopen(whole, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static const struct finding *find(const struct laid_out *l, const char *subject)
{
	for (size_t i = 0; i < l->findings.n; i++) {
		if (strcmp(l->findings.items[i].subject, subject) == 0)
			return &l->findings.items[i];
	}
	return NULL;
}

/* The verdict on a subject, whose detail has the phrase; each but GOOD comes with a remedy. */
static void found(const struct laid_out *l, const char *subject, enum verdict verdict,
                  const char *phrase)
{
	const struct finding *finding = find(l, subject);

	if (!finding)
		fail_msg("nothing found about %s", subject);
	assert_int_equal(finding->verdict, verdict);
	if (!strstr(finding->detail, phrase))
		fail_msg("%s: no \"%s\" in: %s", subject, phrase, finding->detail);
	if (verdict == GOOD)
		assert_null(finding->remedy);
	else
		assert_true(strlen(finding->remedy) > 0);
}

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

static void energy_counters_of_a_laid_out_machine_are_read(void **state)
{
	struct laid_out *l = *state;

	lay_out(l, "proc/cpuinfo",
	        "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n"
	        "model\t\t: 158\nflags\t\t: fpu\n");
	lay_out(l, "sys/class/powercap/intel-rapl:0/name", "package-0\n");
	lay_out(l, "sys/class/powercap/intel-rapl:0/energy_uj", "123456789\n");
	lay_out(l, "sys/class/powercap/intel-rapl:0/max_energy_range_uj", "262143328850\n");
	rapl_check(&l->rapl_settings, &l->check);
	found(l, "backend powercap", GOOD, "1 counter");
	found(l, "powercap, package 0", GOOD, "reads 123.457 J");
	found(l, "backend msr", LACKING, "msr");
	assert_true(findings_work(&l->findings));
}

/* With the flags of a CPU and the register's value; NULL: it cannot be read. */
static void check_energy_of(struct laid_out *l, const char *vendor, const char *flags,
                            const uint64_t *register_0xbc)
{
	char cpuinfo[256], path[512];

	snprintf(cpuinfo, sizeof(cpuinfo),
	         "processor\t: 0\nvendor_id\t: %s\ncpu family\t: 6\nmodel\t\t: 158\nflags\t\t: "
	         "fpu %s\n",
	         vendor, flags);
	lay_out(l, "proc/cpuinfo", cpuinfo);
	lay_out(l, "sys/class/powercap/intel-rapl:0/name", "package-0\n");
	lay_out(l, "sys/class/powercap/intel-rapl:0/energy_uj", "123456789\n");
	lay_out(l, "sys/class/powercap/intel-rapl:0/max_energy_range_uj", "262143328850\n");
	if (register_0xbc) {
		FILE *file;

		lay_out(l, "dev/cpu/0/msr", "");
		snprintf(path, sizeof(path), "%s/dev/cpu/0/msr", l->root);
		file = fopen(path, "w");
		assert_non_null(file);
		assert_int_equal(fseek(file, 0xbc, SEEK_SET), 0);
		assert_int_equal(fwrite(register_0xbc, sizeof(*register_0xbc), 1, file), 1);
		fclose(file);
	}
	findings_free(&l->findings);
	l->findings = (struct findings){.n = 0};
	rapl_check(&l->rapl_settings, &l->check);
}

static void noise_in_the_energy_counters_is_told(void **state)
{
	static const uint64_t off = 0, on = 1;
	struct laid_out *l = *state;

	check_energy_of(l, "GenuineIntel", "sgx_lc", NULL); /* another flag than sgx */
	assert_null(find(l, "energy filtering"));
	check_energy_of(l, "GenuineIntel", "sgx sse", NULL);
	found(l, "energy filtering", LACKING, "SGX is enabled");
	check_energy_of(l, "GenuineIntel", "", &off);
	found(l, "energy filtering", GOOD, "off");
	check_energy_of(l, "GenuineIntel", "sgx", &off);
	found(l, "energy filtering", LACKING, "SGX is enabled");
	check_energy_of(l, "GenuineIntel", "", &on);
	found(l, "energy filtering", LACKING, "is on: the CPU adds noise");
	check_energy_of(l, "AuthenticAMD", "", &on);
	assert_null(find(l, "energy filtering"));
}

static void what_the_idle_machine_draws_is_to_be_known(void **state)
{
	struct laid_out *l = *state;
	char file[64];
	struct energy_settings settings = {
		.idle = IDLE_AUTO, .sysroot = l->root, .calibration = file};

	snprintf(file, sizeof(file), "%s/calibration", l->root);
	assert_int_equal(energy_check(&settings, &l->check), CHECK_NOTHING); /* no counters */
	assert_null(find(l, "idle power"));
	check_energy_of(l, "GenuineIntel", "", NULL);
	energy_check(&settings, &l->check);
	found(l, "idle power", LACKING, "is not known");
	assert_string_equal(find(l, "idle power")->remedy, "sudo alumet-agent calibrate");

	check_energy_of(l, "GenuineIntel", "", NULL);
	lay_out(l, "calibration",
	        "alumet-agent idle power 1\nmachine another\nmeasured 2026-11-26\n"
	        "idle package.0=0.1\n");
	energy_check(&settings, &l->check);
	found(l, "idle power", LACKING, "another machine");

	check_energy_of(l, "GenuineIntel", "", NULL);
	settings.idle_watts = "package=11";
	energy_check(&settings, &l->check);
	found(l, "idle power", GOOD, "is configured: package=11");
}

static void a_machine_without_energy_counters_is_no_obstacle(void **state)
{
	struct laid_out *l = *state;

	rapl_check(&l->rapl_settings, &l->check);
	found(l, "backend perf", LACKING, "power");
	found(l, "backend powercap", LACKING, "powercap");
	found(l, "backend msr", LACKING, "cpuinfo");
	assert_true(findings_work(&l->findings));
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
		TEST(energy_counters_of_a_laid_out_machine_are_read),
		TEST(noise_in_the_energy_counters_is_told),
		TEST(what_the_idle_machine_draws_is_to_be_known),
		TEST(a_machine_without_energy_counters_is_no_obstacle),
		TEST(without_a_pmu_only_that_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
