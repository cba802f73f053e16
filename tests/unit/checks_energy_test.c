/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the checks find of energy counters. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "transforms/energy/energy.h"
#include "checks_support.h"

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(energy_counters_of_a_laid_out_machine_are_read),
		TEST(noise_in_the_energy_counters_is_told),
		TEST(what_the_idle_machine_draws_is_to_be_known),
		TEST(a_machine_without_energy_counters_is_no_obstacle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
