/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The perf backend on the real kernel: a laid-out PMU "power" whose type is the software PMU's and
 * whose events are its clock makes of each package a source of a known power.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <time.h>

#include "core/clock.h"
#include "sources/rapl/perf_pmu.h"
#include "unit/rapl_run.h"

#define POWER_CORE_PMU "sys/bus/event_source/devices/power_core/"

/* 2^-32, as the kernel writes it. */
#define KERNEL_SCALE "2.3283064365386962890625e-10"

static int set_up(void **state)
{
	return run_set_up(state, RAPL_PERF);
}

static void lay_out_event(struct run *run, const char *pmu, const char *event, const char *terms,
                          const char *scale)
{
	char file[256];

	snprintf(file, sizeof(file), "%sevents/%s", pmu, event);
	root_write(&run->root, file, "%s\n", terms);
	snprintf(file, sizeof(file), "%sevents/%s.scale", pmu, event);
	root_write(&run->root, file, "%s\n", scale);
	snprintf(file, sizeof(file), "%sevents/%s.unit", pmu, event);
	root_write(&run->root, file, "Joules\n");
}

static void lay_out_pmu(struct run *run, const char *pmu, int type, const char *cpumask)
{
	char file[256];

	snprintf(file, sizeof(file), "%stype", pmu);
	root_write(&run->root, file, "%d\n", type);
	snprintf(file, sizeof(file), "%scpumask", pmu);
	root_write(&run->root, file, "%s\n", cpumask);
	snprintf(file, sizeof(file), "%sformat/event", pmu);
	root_write(&run->root, file, "config:0-7\n");
}

/* Open, or skip the test where perf may not be used. */
static void open_or_skip(struct run *run)
{
	int error = run_open(run);

	if (error == -EACCES || error == -EPERM) {
		print_message("perf events of a CPU may not be opened here: %s", run->said);
		skip();
	}
	assert_int_equal(error, 0);
}

static void pass_ms(unsigned int ms)
{
	const struct timespec pause = {.tv_nsec = ms * 1000000L};

	nanosleep(&pause, NULL);
}

static double sum(const struct run *run, const char *domain, uint32_t id)
{
	return (double)run_uj(run, domain, id) / 1e6;
}

static void each_package_is_a_source_of_one_watt(void **state)
{
	struct run *run = *state;
	double outer_s, inner_s;
	uint64_t t0, t1, t2, t3;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		print_message("one CPU only: no second package\n");
		skip();
	}
	lay_out_pmu(run, POWER_PMU, 1, "0-1");
	lay_out_event(run, POWER_PMU, "energy-pkg", "config=0x0", "1e-9");
	lay_out_event(run, POWER_PMU, "energy-ram", "event=0x00", "2e-9");
	lay_out_event(run, POWER_PMU, "energy-psys", "config=0x0", "5e-9");
	root_cpu(&run->root, 0, 0, 0, "0");
	root_cpu(&run->root, 1, 1, 0, "1");
	open_or_skip(run);
	t0 = clock_monotonic_ns();
	run_start(run);
	t1 = clock_monotonic_ns();
	pass_ms(40);
	t2 = clock_monotonic_ns();
	run_stop(run);
	t3 = clock_monotonic_ns();
	inner_s = (double)(t2 - t1) / 1e9 - 1e-4;
	outer_s = (double)(t3 - t0) / 1e9 + 1e-4;
	assert_int_equal(run->n_seen, 5); /* psys once */
	for (uint32_t package = 0; package < 2; package++) {
		assert_true(sum(run, "package", package) >= inner_s);
		assert_true(sum(run, "package", package) <= outer_s);
		assert_true(sum(run, "dram", package) >= 2 * inner_s);
		assert_true(sum(run, "dram", package) <= 2 * outer_s);
	}
	assert_true(sum(run, "platform", 0) >= 5 * inner_s);
	assert_true(sum(run, "platform", 0) <= 5 * outer_s);
	assert_string_equal(run->report, "");
}

static void each_cpu_of_the_mask_is_a_package_without_a_topology(void **state)
{
	struct run *run = *state;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		print_message("one CPU only: no second package\n");
		skip();
	}
	lay_out_pmu(run, POWER_PMU, 1, "0-1");
	lay_out_event(run, POWER_PMU, "energy-pkg", "config=0x0", "1e-9");
	open_or_skip(run);
	run_start(run);
	run_stop(run);
	assert_int_equal(run->n_seen, 2);
	assert_int_equal(run_rows(run, "package", 0, NULL), 1);
	assert_int_equal(run_rows(run, "package", 1, NULL), 1);
}

static void zen_cores_are_summed_and_its_dies_are_one(void **state)
{
	struct run *run = *state;
	double seconds;
	uint64_t t0;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		print_message("one CPU only: no second core\n");
		skip();
	}
	/* The mask of Linux 6.9 to 6.11: a CPU for each core complex die. */
	root_cpuinfo(&run->root, "AuthenticAMD", 0x19, 0x11, "fpu");
	lay_out_pmu(run, POWER_PMU, 1, "0-1");
	lay_out_event(run, POWER_PMU, "energy-pkg", "config=0x0", "1e-9");
	lay_out_pmu(run, POWER_CORE_PMU, 1, "0-1");
	lay_out_event(run, POWER_CORE_PMU, "energy-core", "config=0x0", "1e-9");
	root_cpu(&run->root, 0, 0, 0, "0");
	root_cpu(&run->root, 1, 0, 1, "1");
	open_or_skip(run);
	t0 = clock_monotonic_ns();
	run_start(run);
	pass_ms(40);
	run_stop(run);
	seconds = (double)(clock_monotonic_ns() - t0) / 1e9;
	assert_int_equal(run->n_seen, 2);
	assert_true(sum(run, "package", 0) > 0.039 && sum(run, "package", 0) < seconds + 1e-3);
	assert_true(sum(run, "pp0", 0) > 0.078 && sum(run, "pp0", 0) < 2 * seconds + 2e-3);
}

static void cpu_that_is_not_there_is_left_out_with_a_word(void **state)
{
	struct run *run = *state;

	lay_out_pmu(run, POWER_PMU, 1, "0,4095");
	lay_out_event(run, POWER_PMU, "energy-pkg", "config=0x0", "1e-9");
	open_or_skip(run);
	assert_non_null(strstr(run->said, "package 1"));
	assert_non_null(strstr(run->said, "CPU 4095"));
	run_start(run);
	run_stop(run);
	assert_int_equal(run->n_seen, 1);
}

static void no_event_that_opens_is_an_error(void **state)
{
	struct run *run = *state;
	int error;

	lay_out_pmu(run, POWER_PMU, 1, "4095");
	lay_out_event(run, POWER_PMU, "energy-pkg", "config=0x0", "1e-9");
	error = run_open(run);
	assert_true(error == -EIO || error == -EACCES);
	assert_non_null(strstr(run->said, "backend \"perf\""));
}

static void permission_is_named_with_its_fix(void **state)
{
	struct run *run = *state;
	FILE *paranoid = fopen("/proc/sys/kernel/perf_event_paranoid", "r");
	int level = -1;

	if (paranoid) {
		if (fscanf(paranoid, "%d", &level) != 1)
			level = -1;
		fclose(paranoid);
	}
	if (geteuid() != 0 || level < 1) {
		print_message("not root, or perf_event_paranoid lets everybody in\n");
		skip();
	}
	lay_out_pmu(run, POWER_PMU, 1, "0");
	lay_out_event(run, POWER_PMU, "energy-pkg", "config=0x0", "1e-9");
	assert_int_equal(run_open_as_nobody(run), -EACCES);
	assert_non_null(strstr(run->said, "CAP_PERFMON"));
	/* Once, as the reason: not again for each event. */
	assert_null(strstr(run->said, "cannot be opened on CPU"));
}

static void no_pmu_names_the_module(void **state)
{
	struct run *run = *state;

	assert_int_equal(run_open(run), -ENXIO);
	assert_non_null(strstr(run->said, "modprobe rapl"));
}

/* What a client PMU of the kernel looks like. */
static void files_of_the_kernel_are_understood(void **state)
{
	struct run *run = *state;
	struct rapl_machine machine;
	struct rapl_reason reason;
	struct perf_pmu pmu;

	lay_out_pmu(run, POWER_PMU, 23, "0,64");
	lay_out_event(run, POWER_PMU, "energy-cores", "event=0x01", KERNEL_SCALE);
	lay_out_event(run, POWER_PMU, "energy-pkg", "event=0x02", KERNEL_SCALE);
	lay_out_event(run, POWER_PMU, "energy-psys", "event=0x05", KERNEL_SCALE);
	assert_int_equal(rapl_machine_open(&machine, run->root.path), 0);
	assert_int_equal(perf_pmu_read(&machine, "power", &pmu, &reason), 0);
	assert_int_equal(pmu.type, 23);
	assert_int_equal(pmu.cpus.n, 2);
	assert_int_equal(pmu.cpus.cpus[1], 64);
	assert_int_equal(pmu.n_events, 3);
	for (size_t i = 0; i < pmu.n_events; i++) {
		assert_true(pmu.events[i].counts_per_joule == 4294967296.0);
		if (pmu.events[i].kind == RAPL_PACKAGE)
			assert_int_equal(pmu.events[i].config, 2);
		else
			assert_int_equal(pmu.events[i].config,
			                 pmu.events[i].kind == RAPL_PP0 ? 1 : 5);
	}
	perf_pmu_free(&pmu);
	rapl_machine_close(&machine);
}

static void events_that_make_no_sense_are_left_out(void **state)
{
	static const struct {
		const char *terms, *scale;
	} wrong[] = {
		{"event=", "1e-9"},      {"event=0x100", "1e-9"}, {"umask=1", "1e-9"},
		{"event=0x01", ""},      {"event=0x01", "0"},     {"event=0x01", "-1"},
		{"event=0x01", "1e-9J"}, {"event=0x01", "nan"},   {"", "1e-9"},
	};
	struct run *run = *state;

	lay_out_pmu(run, POWER_PMU, 1, "0");
	lay_out_event(run, POWER_PMU, "energy-ram", "config=0x0", "1e-9");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		lay_out_event(run, POWER_PMU, "energy-pkg", wrong[i].terms, wrong[i].scale);
		open_or_skip(run);
		assert_non_null(strstr(run->said, "power/energy-pkg/"));
		assert_non_null(strstr(run->said, "left out"));
		rapl_source.close(run->source);
		run->source = NULL;
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, run_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_package_is_a_source_of_one_watt),
		TEST(each_cpu_of_the_mask_is_a_package_without_a_topology),
		TEST(zen_cores_are_summed_and_its_dies_are_one),
		TEST(cpu_that_is_not_there_is_left_out_with_a_word),
		TEST(no_event_that_opens_is_an_error),
		TEST(permission_is_named_with_its_fix),
		TEST(no_pmu_names_the_module),
		TEST(files_of_the_kernel_are_understood),
		TEST(events_that_make_no_sense_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
