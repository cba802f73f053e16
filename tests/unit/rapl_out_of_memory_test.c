/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fails every allocation of opening the RAPL source once, the first, the second and so on, with
 * each backend: each must come back as an error, with no memory and no descriptor leaked.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>

#include "alumet/energy.h"
#include "unit/failing_allocations.h"
#include "unit/rapl_run.h"

#define RANGE UINT64_C(262143328850)

static int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void lay_out_pmu(struct run *run, const char *pmu, const char *event)
{
	char file[256];

	snprintf(file, sizeof(file), "sys/bus/event_source/devices/%s/type", pmu);
	root_write(&run->root, file, "1\n");
	snprintf(file, sizeof(file), "sys/bus/event_source/devices/%s/cpumask", pmu);
	root_write(&run->root, file, "0\n");
	snprintf(file, sizeof(file), "sys/bus/event_source/devices/%s/events/%s", pmu, event);
	root_write(&run->root, file, "config=0x0\n");
	strcat(file, ".scale");
	root_write(&run->root, file, "1e-9\n");
}

/*
 * Every backend finds the same, so that there is nothing to warn of; and an AMD machine has the
 * most to ask.
 */
static void lay_out(struct run *run)
{
	root_cpuinfo(&run->root, "AuthenticAMD", 0x19, 0x11, "fpu");
	root_write(&run->root, "sys/devices/system/cpu/online", "0-1\n");
	root_cpu(&run->root, 0, 0, 0, "0");
	root_cpu(&run->root, 1, 1, 0, "1");
	root_zone(&run->root, "intel-rapl:0", "package-0", 1, RANGE);
	root_zone(&run->root, "intel-rapl:0:0", "core", 1, RANGE);
	for (int cpu = 0; cpu < 2; cpu++) {
		root_msr(&run->root, cpu, 0xc0010299, 0x51000);
		root_msr(&run->root, cpu, 0xc00102a1, 0);
	}
	lay_out_pmu(run, "power", "energy-pkg");
	lay_out_pmu(run, "power_core", "energy-core");
}

static int open_and_close(struct run *run, long failing)
{
	int result;

	allocations_begin(failing);
	result = rapl_source.open(&run->settings, &run->context, &run->source);
	if (result == 0)
		rapl_source.close(run->source);
	allocations_end();
	return result;
}

static void fail_each(enum rapl_backend_setting backend)
{
	struct run *run = malloc(sizeof(*run));
	int before, result = -1;

	run_init(run);
	lay_out(run);
	run->settings.backend = backend;
	/* The metrics' own memory is the registry's: it is there before. */
	metric_register_internal(run->metrics, METRIC_ENERGY_COUNTS, &UNIT_NONE, METRIC_DELTA);
	metric_register_internal(run->metrics, METRIC_COUNTS_PER_JOULE, &UNIT_NONE, METRIC_GAUGE);
	metric_register_internal(run->metrics, METRIC_ENERGY_REFRESH, &UNIT_NANOSECOND,
	                         METRIC_GAUGE);
	metric_register(run->metrics, "rapl_consumed_energy", &UNIT_JOULE, METRIC_DELTA);
	metric_announce_attribute(run->metrics, "domain");
	before = descriptors();
	for (long failing = 0; result != 0; failing++) {
		messages_catch(&run->messages, STDERR_FILENO);
		result = open_and_close(run, failing);
		run->said = messages_text(&run->messages);
		assert_in_range(failing, 0, 1000);
		if (result == -EACCES)
			break;
		assert_int_equal(result, failing < allocations.n ? -ENOMEM : 0);
		assert_int_equal(allocations.alive, 0);
		assert_int_equal(descriptors(), before);
	}
	rapl_source.close(NULL);
	run->source = NULL;
	run_fini(run);
	free(run);
	if (result)
		print_message("SKIP: perf is not allowed\n");
	if (result || !allocations_are_ours())
		skip();
	assert_true(allocations.n >= 6);
}

static void perf_survives_the_failure_of_each_allocation(void **state)
{
	fail_each(RAPL_PERF);
}

static void powercap_survives_the_failure_of_each_allocation(void **state)
{
	fail_each(RAPL_POWERCAP);
}

static void msr_survives_the_failure_of_each_allocation(void **state)
{
	fail_each(RAPL_MSR);
}

static void choice_survives_the_failure_of_each_allocation(void **state)
{
	fail_each(RAPL_AUTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(perf_survives_the_failure_of_each_allocation),
		cmocka_unit_test(powercap_survives_the_failure_of_each_allocation),
		cmocka_unit_test(msr_survives_the_failure_of_each_allocation),
		cmocka_unit_test(choice_survives_the_failure_of_each_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
