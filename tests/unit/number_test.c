/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "unit/random_numbers.h"

static uint64_t bits_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static void assert_text(double value, const char *expected)
{
	char text[NUMBER_F64_SIZE];

	assert_int_equal(number_format_f64(value, text), strlen(expected));
	assert_string_equal(text, expected);
}

/* How many digits there are between the first and the last that is not zero. */
static int significant_digits(const char *text)
{
	int n = 0, last = 0;

	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			continue;
		if (n > 0 || *text != '0')
			n++;
		if (*text != '0')
			last = n;
	}
	return last;
}

/* Whether a decimal of so many digits, the nearest or one beside it, reads back as the value. */
static int reads_back_with(double value, int digits)
{
	char text[40], *exponent;
	long long mantissa;
	int scale;

	snprintf(text, sizeof(text), "%.*e", digits - 1, fabs(value));
	exponent = strchr(text, 'e');
	scale = atoi(exponent + 1) - (digits - 1);
	*exponent = '\0';
	if (digits > 1)
		memmove(text + 1, text + 2, strlen(text + 1));
	mantissa = atoll(text);
	for (long long beside = -1; beside <= 1; beside++) {
		snprintf(text, sizeof(text), "%llde%d", mantissa + beside, scale);
		if (strtod(text, NULL) == fabs(value))
			return 1;
	}
	return 0;
}

/* The digits of a text, from the first to the last that is not zero. */
static void copy_digits(const char *text, char *digits)
{
	size_t n = (size_t)significant_digits(text);

	for (text += strcspn(text, "123456789"); n > 0; text++) {
		if (*text >= '0' && *text <= '9') {
			*digits++ = *text;
			n--;
		}
	}
	*digits = '\0';
}

/* Of the texts with as many digits, printf() knows the nearest; it may read as a neighbour. */
static void assert_nearest(double value, const char *text, int n_digits)
{
	char nearest[40], digits[40], expected[40];

	snprintf(nearest, sizeof(nearest), "%.*e", n_digits - 1, value);
	if (strtod(nearest, NULL) != value)
		return;
	*strchr(nearest, 'e') = '\0';
	copy_digits(nearest, expected);
	copy_digits(text, digits);
	assert_string_equal(digits, expected);
}

static void assert_shortest(double value)
{
	char text[NUMBER_F64_SIZE];
	size_t n = number_format_f64(value, text);
	int digits = significant_digits(text);
	char *end;

	assert_int_equal(n, strlen(text));
	assert_int_equal(strspn(text, "-.0123456789"), n);
	assert_true(bits_of(strtod(text, &end)) == bits_of(value));
	assert_int_equal(*end, '\0');
	assert_true(n < 2 || text[n - 1] != '.');
	assert_false(strchr(text, '.') && text[n - 1] == '0');
	assert_nearest(value, text, digits);
	if (digits > 1 && reads_back_with(value, digits - 1)) {
		print_error("%s is not the shortest text of %.17g\n", text, value);
		fail();
	}
}

static void writes_what_the_format_promises(void **state)
{
	assert_text(0, "0");
	assert_text(-0.0, "-0");
	assert_text(5.779296875, "5.779296875");
	assert_text(50.3060302734375, "50.3060302734375");
	assert_text(0.89825439453125, "0.89825439453125");
	assert_text(0.1, "0.1");
	assert_text(0.1 + 0.2, "0.30000000000000004");
	assert_text(-1.5, "-1.5");
	assert_text(9007199254740993.0, "9007199254740992");
	assert_text(1e23, "100000000000000000000000");
	assert_text(0x1p-44, "0.00000000000005684341886080802");
	assert_text(1.0 / 3, "0.3333333333333333");
	assert_text(123456789.123, "123456789.123");
}

static void writes_numbers_that_are_none(void **state)
{
	assert_text(NAN, "NaN");
	assert_text(-NAN, "NaN");
	assert_text(INFINITY, "inf");
	assert_text(-INFINITY, "-inf");
}

static void writes_huge_and_tiny_numbers_in_full(void **state)
{
	char expected[NUMBER_F64_SIZE];

	memset(expected, '0', sizeof(expected));
	expected[0] = '1';
	expected[309] = '\0';
	assert_text(1e308, expected);

	memset(expected, '0', sizeof(expected));
	expected[1] = '.';
	expected[325] = '5';
	expected[326] = '\0';
	assert_text(5e-324, expected);

	assert_shortest(1.7976931348623157e308);
	assert_shortest(-2.2250738585072014e-308);
	assert_shortest(-2.2250738585072011e-308);
}

static void is_shortest_around_every_power_of_two(void **state)
{
	for (int exponent = -1074; exponent < 1024; exponent++) {
		double power = ldexp(1, exponent);

		assert_shortest(power);
		assert_shortest(nextafter(power, INFINITY));
		assert_shortest(nextafter(-power, 0));
	}
}

static void is_shortest_for_random_doubles(void **state)
{
	for (int i = 0; i < 15000; i++) {
		uint64_t bits = random_u64();
		double any;

		memcpy(&any, &bits, sizeof(any));
		if (isfinite(any))
			assert_shortest(any);
		assert_shortest(ldexp((double)(bits >> (i % 64)), -(i % 130)));
		assert_shortest((double)(bits >> 30) / (double)(1 + i));
		/* Energies: counts of 2^-14 J and of 15.3 uJ. */
		assert_shortest((double)(bits >> 32) / 16384);
		assert_shortest((double)(bits >> 44) * 15.3e-6);
	}
}

static void writes_whole_numbers_as_printf_does(void **state)
{
	char text[NUMBER_U64_SIZE], expected[NUMBER_U64_SIZE];
	const uint64_t edges[] = {0, 9, 10, 99, 100, UINT64_MAX, UINT64_MAX - 1, 1ULL << 63};

	for (size_t i = 0; i < 10000; i++) {
		uint64_t value =
			i < sizeof(edges) / sizeof(*edges) ? edges[i] : random_u64() >> (i % 64);

		snprintf(expected, sizeof(expected), "%llu", (unsigned long long)value);
		assert_int_equal(number_format_u64(value, text), strlen(expected));
		assert_string_equal(text, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_what_the_format_promises),
		cmocka_unit_test(writes_numbers_that_are_none),
		cmocka_unit_test(writes_huge_and_tiny_numbers_in_full),
		cmocka_unit_test(is_shortest_around_every_power_of_two),
		cmocka_unit_test(is_shortest_for_random_doubles),
		cmocka_unit_test(writes_whole_numbers_as_printf_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
