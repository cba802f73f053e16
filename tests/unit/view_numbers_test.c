/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How the summary writes numbers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "tree/view/scale.h"
#include "tree/view/view.h"

static void a_column_has_one_unit_and_one_number_of_decimals(void **state)
{
	static const struct {
		enum quantity quantity;
		double largest;
		const char *unit, *shown_largest;
		double other;
		const char *shown_other;
	} cases[] = {
		{QUANTITY_TIME, 35123456789, "s", "35.123", 4600000, "0.005"},
		{QUANTITY_TIME, 9999999999, "s", "10.000", 1, "0.000"},
		{QUANTITY_TIME, 123456789012, "s", "123.46", 0, "0"},
		{QUANTITY_TIME, 123456789012345, "s", "123457", 400000000, "<1"},
		{QUANTITY_TIME, 123456789012345, "s", "123457", 0, "0"},
		{QUANTITY_TIME, 123456789012345, "s", "123457", 600000000, "1"},
		{QUANTITY_TIME, 999999999, "s", "1.000", 1000000, "0.001"},
		{QUANTITY_TIME, 54400000, "ms", "54.40", 730000, "0.73"},
		{QUANTITY_TIME, 17200, "us", "17.20", 100, "0.10"},
		{QUANTITY_TIME, 999, "ns", "999", 1, "1"},
		{QUANTITY_COUNT, 999999, "", "999999", 3, "3"},
		{QUANTITY_COUNT, 12345678, "", "12346k", 499, "0k"},
		{QUANTITY_COUNT, 1.8446744073709552e19, "", "18447P", 1, "0P"},
		{QUANTITY_BYTES, 97832000, "MiB", "93.30", 1048576, "1.00"},
		{QUANTITY_BYTES, 0, "B", "0", 0, "0"},
		{QUANTITY_ENERGY, 612.44, "J", "612.4", 0.06, "0.1"},
		{QUANTITY_ENERGY, 5432.1, "J", "5432", 0.3, "<1"},
		{QUANTITY_ENERGY, 0.0123, "mJ", "12.30", 0.001, "1.00"},
		{QUANTITY_PERCENT, 1, "", "100.0", 0.0004, "0.0"},
	};
	struct text_signs signs;
	char text[TEXT_NUMBER_SIZE];

	setenv("LC_ALL", "C", 1);
	text_signs_init(&signs, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scale scale;

		scale_choose(cases[i].quantity, cases[i].largest, &signs, &scale);
		assert_string_equal(scale.unit, cases[i].unit);
		scale_print(&scale, cases[i].largest, text);
		assert_string_equal(text, cases[i].shown_largest);
		scale_print(&scale, cases[i].other, text);
		assert_string_equal(text, cases[i].shown_other);
	}
	text_signs_fini(&signs);
}

static void numbers_that_stand_alone_have_three_digits_that_matter(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} durations[] = {
		{0, "0"},
		{999, "999 ns"},
		{1000, "1.00 us"},
		{999499, "999 us"},
		{999500, "1.00 ms"},
		{999499999, "999 ms"},
		{999500000, "1.00 s"},
		{59949000000, "59.9 s"},
		{59950000000, "1m00s"},
		{123000000000, "2m03s"},
		{3599600000000, "1h00m"},
		{18420000000000, "5h07m"},
	};
	static const struct {
		double joules;
		const char *text;
	} energies[] = {
		{0, "0 J"},         {0.0004, "0.000 J"}, {0.89825, "0.898 J"},
		{50.306, "50.3 J"}, {999.4, "999 J"},    {1200, "1.20 kJ"},
	};
	struct text_signs signs;
	char text[TEXT_NUMBER_SIZE];

	setenv("LC_ALL", "C", 1);
	text_signs_init(&signs, false);
	for (size_t i = 0; i < sizeof(durations) / sizeof(*durations); i++) {
		text_duration(durations[i].ns, &signs, text);
		assert_string_equal(text, durations[i].text);
	}
	for (size_t i = 0; i < sizeof(energies) / sizeof(*energies); i++) {
		text_energy(energies[i].joules, text);
		assert_string_equal(text, energies[i].text);
	}
	text_signs_fini(&signs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_column_has_one_unit_and_one_number_of_decimals),
		cmocka_unit_test(numbers_that_stand_alone_have_three_digits_that_matter),
	};

	return cmocka_run_group_tests_name("view_numbers", tests, NULL, NULL);
}
