/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "sources/rapl/domain.h"

#define SECOND 1000000000ULL

/* A counter as powercap shows it: microjoules, to 262143 J. */
static struct rapl_domain zone(void)
{
	return (struct rapl_domain){
		.id = {RAPL_PACKAGE, 0, -1},
		.core_cpu = -1,
		.counts_per_joule = 1e6,
		.wrap = 262143328850,
	};
}

static void take(struct rapl_domain *domain, uint64_t count, uint64_t time_ns)
{
	domain->error = 0;
	domain->count = count;
	rapl_domain_update(domain, time_ns);
}

static void take_error(struct rapl_domain *domain, int error, uint64_t time_ns)
{
	domain->error = error;
	rapl_domain_update(domain, time_ns);
}

static void first_reading_is_only_the_base(void **state)
{
	struct rapl_domain domain = zone();

	take(&domain, 123456789, 0);
	assert_false(domain.fresh);
	assert_int_equal(domain.pending, 0);
}

static void adds_up_exactly(void **state)
{
	struct rapl_domain domain = zone();
	uint64_t count = 7, sum = 0;
	uint64_t step = 1;

	take(&domain, count, 0);
	for (unsigned int i = 1; i <= 100000; i++) {
		step = step * 1103515245 % 1000003;
		count += step;
		sum += step;
		take(&domain, count, i * SECOND / 1000);
	}
	assert_true(domain.fresh);
	assert_int_equal(domain.pending, sum);
	assert_true((double)rapl_domain_take(&domain) == (double)sum / 1e6);
	assert_false(domain.fresh);
	assert_int_equal(domain.pending, 0);
}

static void wraps_once_between_two_readings(void **state)
{
	struct rapl_domain domain = zone();

	take(&domain, 262143000000, 0);
	take(&domain, 1000000, SECOND);
	assert_int_equal(domain.pending, 328850 + 1000000);
	assert_int_equal(domain.n_backwards, 0);
}

static void wraps_at_its_own_width(void **state)
{
	struct rapl_domain domain = {.counts_per_joule = 16384, .wrap = 1ULL << 32, .core_cpu = -1};

	take(&domain, 0xfffffff0, 0);
	take(&domain, 0x10, SECOND);
	assert_int_equal(domain.pending, 0x20);
	assert_true((double)rapl_domain_take(&domain) == 32.0 / 16384.0);
}

static void wraps_again_and_again(void **state)
{
	struct rapl_domain domain = zone();
	uint64_t count = 0;

	take(&domain, 0, 0);
	for (unsigned int i = 1; i <= 1000; i++) {
		count = (count + 1000000000) % domain.wrap; /* 1 kJ each second */
		take(&domain, count, i * SECOND);
	}
	assert_int_equal(domain.pending, 1000 * 1000000000ULL);
	assert_int_equal(domain.n_backwards, 0);
}

static void step_back_is_not_a_wrap(void **state)
{
	struct rapl_domain domain = zone();

	take(&domain, 5000000, 0);
	take(&domain, 4000000, SECOND);
	assert_int_equal(domain.pending, 0);
	assert_false(domain.fresh);
	assert_int_equal(domain.n_backwards, 1);
	/* From the new base it goes on. */
	take(&domain, 4500000, 2 * SECOND);
	assert_int_equal(domain.pending, 500000);
}

/* A suspend sets the registers to 0: 62 kJ cannot be used in a second. */
static void reset_is_not_a_wrap(void **state)
{
	struct rapl_domain domain = zone();

	take(&domain, 200000000000, 0);
	take(&domain, 10000000, SECOND);
	assert_int_equal(domain.pending, 0);
	assert_int_equal(domain.n_backwards, 1);
}

static void narrow_counter_steps_back(void **state)
{
	struct rapl_domain domain = zone();

	domain.wrap = 1000000;
	take(&domain, 900000, 0);
	take(&domain, 800000, SECOND);
	assert_int_equal(domain.pending, 0);
	assert_int_equal(domain.n_backwards, 1);
}

static void wide_counter_never_wraps(void **state)
{
	struct rapl_domain domain = {.counts_per_joule = 4294967296.0, .core_cpu = -1};

	take(&domain, UINT64_MAX - 5, 0);
	take(&domain, 5, SECOND);
	assert_int_equal(domain.pending, 0);
	assert_int_equal(domain.n_backwards, 1);
	assert_true(rapl_domain_shortest_wrap_ns(&domain) == UINT64_MAX);
}

static void count_beyond_the_range_is_not_a_wrap(void **state)
{
	struct rapl_domain domain = zone();

	take(&domain, domain.wrap + 10, 0);
	take(&domain, 5, SECOND);
	assert_int_equal(domain.pending, 0);
	assert_int_equal(domain.n_backwards, 1);
}

static void failed_reading_is_covered_by_the_next(void **state)
{
	struct rapl_domain domain = zone();

	take(&domain, 1000000, 0);
	take_error(&domain, -EIO, SECOND);
	assert_false(domain.fresh);
	take(&domain, 4000000, 2 * SECOND);
	assert_int_equal(domain.pending, 3000000);
	assert_int_equal(domain.n_failed, 1);
	assert_int_equal(domain.last_error, -EIO);
}

static void what_is_gone_stays_gone(void **state)
{
	struct rapl_domain domain = zone();

	take(&domain, 1000000, 0);
	take_error(&domain, -ENODEV, SECOND);
	assert_true(domain.gone);
	take(&domain, 9000000, 2 * SECOND);
	assert_int_equal(domain.pending, 0);
}

static void shortest_wrap_is_at_the_most_watts(void **state)
{
	struct rapl_domain domain = zone();
	double expected_s = 262143.328850 / RAPL_MAX_WATTS;

	assert_true(llabs((long long)rapl_domain_shortest_wrap_ns(&domain) -
	                  (long long)(expected_s * 1e9)) < 1000);
}

static void labels_say_which(void **state)
{
	char text[RAPL_LABEL_SIZE];
	struct rapl_domain domain = {.id = {RAPL_DRAM, 1, 0}, .core_cpu = -1};

	assert_string_equal(rapl_domain_label(&domain, text), "dram of package 1, die 0");
	domain.id = (struct rapl_id){RAPL_PACKAGE, 3, -1};
	assert_string_equal(rapl_domain_label(&domain, text), "package 3");
	domain.id = (struct rapl_id){RAPL_PLATFORM, 0, -1};
	assert_string_equal(rapl_domain_label(&domain, text), "platform");
	domain.id = (struct rapl_id){RAPL_PP0, 0, -1};
	domain.core_cpu = 12;
	assert_string_equal(rapl_domain_label(&domain, text), "pp0 of package 0, core of CPU 12");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_reading_is_only_the_base),
		cmocka_unit_test(adds_up_exactly),
		cmocka_unit_test(wraps_once_between_two_readings),
		cmocka_unit_test(wraps_at_its_own_width),
		cmocka_unit_test(wraps_again_and_again),
		cmocka_unit_test(step_back_is_not_a_wrap),
		cmocka_unit_test(reset_is_not_a_wrap),
		cmocka_unit_test(narrow_counter_steps_back),
		cmocka_unit_test(wide_counter_never_wraps),
		cmocka_unit_test(count_beyond_the_range_is_not_a_wrap),
		cmocka_unit_test(failed_reading_is_covered_by_the_next),
		cmocka_unit_test(what_is_gone_stays_gone),
		cmocka_unit_test(shortest_wrap_is_at_the_most_watts),
		cmocka_unit_test(labels_say_which),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
