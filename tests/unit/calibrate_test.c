/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "calibrate/pieces.h"

static void fill(struct calibration_piece *piece, double package, double dram, double busy)
{
	for (int domain = 0; domain < ENERGY_DOMAINS; domain++) {
		for (int i = 0; i < 16; i++)
			piece->watts[domain][i] = -1;
	}
	piece->watts[ENERGY_PACKAGE][0] = package;
	piece->watts[ENERGY_DRAM][0] = dram;
	piece->busy = busy;
}

static void the_median_of_quiet_seconds(void **state)
{
	struct calibration_piece pieces[14];
	struct idle_power power;

	for (int i = 0; i < 10; i++)
		fill(&pieces[i], 10 + i, 1, 0.01);
	/* What is busy does not count. */
	for (int i = 10; i < 14; i++)
		fill(&pieces[i], 90, 9, 0.5);
	assert_int_equal(calibration_conclude(pieces, 14, &power), 0);
	assert_int_equal(power.n, 2);
	assert_true(idle_power_find(&power, ENERGY_PACKAGE, 0) == 14.5);
	assert_true(idle_power_find(&power, ENERGY_DRAM, 0) == 1);
	assert_true(idle_power_find(&power, ENERGY_PACKAGE, 1) < 0);
}

static void too_few_of_them(void **state)
{
	struct calibration_piece pieces[20];
	struct idle_power power;

	for (int i = 0; i < 20; i++)
		fill(&pieces[i], 10, 1, i < 9 ? 0.01 : 0.03);
	assert_int_equal(calibration_conclude(pieces, 20, &power), -EBUSY);
	assert_int_equal(power.n, 0);
	assert_int_equal(calibration_conclude(pieces, 0, &power), -EBUSY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_median_of_quiet_seconds),
		cmocka_unit_test(too_few_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
