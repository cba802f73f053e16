/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "sources/rapl/refresh.h"
#include "unit/random_numbers.h"

#define WATTS 20.0
#define PER_JOULE 16384.0 /* counts, as most MSRs have them: 61 µJ */

/*
 * A counter that is refreshed every 0.98 to 1.02 ms, and the machine's time: a reading takes 2 µs.
 */
static struct {
	double now_ns, refreshed_ns, next_ns;
	bool is_frozen;
	int n_reads;
} counter;

static void pass(double ns)
{
	counter.now_ns += ns;
	while (counter.next_ns <= counter.now_ns) {
		counter.refreshed_ns = counter.next_ns;
		counter.next_ns += 980000 + 40000 * random_part();
	}
}

static uint64_t now(void)
{
	return (uint64_t)counter.now_ns;
}

static void read_counter(struct rapl_backend *backend, bool thorough)
{
	pass(2000);
	counter.n_reads++;
	if (!counter.is_frozen)
		backend->domains[0].count =
			(uint64_t)(counter.refreshed_ns / 1e9 * WATTS * PER_JOULE);
}

static const struct rapl_backend_ops ops = {.name = "played", .read = read_counter};

static void set_up(struct rapl_backend *backend, struct rapl_domain *domain, bool is_frozen)
{
	*domain = (struct rapl_domain){.id = {RAPL_PACKAGE, 0, -1},
	                               .core_cpu = -1,
	                               .counts_per_joule = PER_JOULE,
	                               .wrap = 1ULL << 32};
	*backend = (struct rapl_backend){.ops = &ops, .domains = domain, .n_domains = 1};
	counter.now_ns = 1e9;
	counter.refreshed_ns = counter.next_ns = 1e9 - 1e6 * random_part();
	counter.is_frozen = is_frozen;
	counter.n_reads = 0;
	pass(0);
	read_counter(backend, true);
	pass(5e6); /* what the agent has to do before the command */
}

/* The relative error of a job's energy, at constant watts. The time in between is the truth. */
static double error_of_job(double least_ns, bool aligned)
{
	const double length_ns = least_ns + 1e6 * random_part(); /* at any phase of the refresh */
	struct rapl_domain domain;
	struct rapl_backend backend;
	struct refresh refresh;
	double start_ns, end_ns, joules;
	uint64_t base;

	set_up(&backend, &domain, false);
	refresh_begin(&refresh, &backend, now);
	assert_true(refresh.moves);
	if (aligned)
		assert_true(refresh_wait(&refresh, &backend));
	else
		read_counter(&backend, false);
	start_ns = counter.now_ns;
	base = domain.count;
	pass(length_ns);
	if (aligned)
		assert_true(refresh_wait(&refresh, &backend));
	else
		read_counter(&backend, false);
	end_ns = counter.now_ns;
	assert_true(domain.count > base || (!aligned && length_ns < 2e6));
	joules = (double)(domain.count - base) / PER_JOULE;
	return fabs(joules - (end_ns - start_ns) / 1e9 * WATTS) / (length_ns / 1e9 * WATTS);
}

static double mean_error(double length_ns, bool aligned, double *most)
{
	double sum = 0;

	*most = 0;
	for (int i = 0; i < 2000; i++) {
		const double error = error_of_job(length_ns, aligned);

		sum += error;
		*most = error > *most ? error : *most;
	}
	return sum / 2000;
}

/* The table of docs/energy.md: what alignment is worth. */
static void aligned_readings_are_several_times_as_exact(void **state)
{
	static const double lengths_ms[] = {1, 5, 20, 50};

	for (size_t i = 0; i < sizeof(lengths_ms) / sizeof(*lengths_ms); i++) {
		double most_unaligned, most_aligned;
		const double unaligned = mean_error(lengths_ms[i] * 1e6, false, &most_unaligned);
		const double aligned = mean_error(lengths_ms[i] * 1e6, true, &most_aligned);

		print_message("%4.0f ms: %5.2f %% -> %5.2f %%\n", lengths_ms[i], 100 * unaligned,
		              100 * aligned);
		assert_true(aligned < unaligned / 4);
		/* One refresh at the most: of those at both ends one is missing. */
		assert_true(most_aligned < 1.02 / lengths_ms[i]);
	}
}

static void no_reading_of_a_short_job_is_0(void **state)
{
	for (int i = 0; i < 1000; i++)
		assert_true(error_of_job(20e6, true) < 1.02 / 20);
}

/* Two equal jobs, one after the other, many times: their difference is none. */
static void equal_jobs_have_equal_energy(void **state)
{
	double sum = 0, squares = 0;
	const int n = 2000;

	for (int i = 0; i < n; i++) {
		const double difference = error_of_job(20e6, true) - error_of_job(20e6, true);

		sum += difference;
		squares += difference * difference;
	}
	/* 99.9 % of such means are within 3.3 standard errors. */
	assert_true(fabs(sum / n) < 3.3 * sqrt(squares / n / n));
}

static void what_does_not_move_is_not_waited_for(void **state)
{
	struct rapl_domain domain;
	struct rapl_backend backend;
	struct refresh refresh;
	double before;

	set_up(&backend, &domain, true);
	refresh_begin(&refresh, &backend, now);
	assert_false(refresh.moves);
	before = counter.now_ns;
	assert_false(refresh_wait(&refresh, &backend));
	assert_true(counter.now_ns == before);
}

/* It froze after it was seen to move: two ms are the most that is waited. */
static void a_counter_that_freezes_ends_the_wait(void **state)
{
	struct rapl_domain domain;
	struct rapl_backend backend;
	struct refresh refresh;
	double before;

	set_up(&backend, &domain, false);
	refresh_begin(&refresh, &backend, now);
	counter.is_frozen = true;
	before = counter.now_ns;
	assert_false(refresh_wait(&refresh, &backend));
	assert_true(counter.now_ns - before < REFRESH_LIMIT_NS + 10000);
	/* And one that cannot be read any more is not waited for at all. */
	domain.error = -19;
	before = counter.now_ns;
	assert_false(refresh_wait(&refresh, &backend));
	assert_true(counter.now_ns - before < 10000);
}

static void the_period_is_measured(void **state)
{
	struct rapl_domain domain;
	struct rapl_backend backend;
	struct refresh refresh;

	set_up(&backend, &domain, false);
	refresh_begin(&refresh, &backend, now);
	assert_true(refresh_wait(&refresh, &backend));
	assert_int_equal(refresh.period_ns, REFRESH_PERIOD_NS);
	pass(7.3e6);
	assert_true(refresh_wait(&refresh, &backend));
	assert_in_range(refresh.period_ns, 980000, 1020000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aligned_readings_are_several_times_as_exact),
		cmocka_unit_test(no_reading_of_a_short_job_is_0),
		cmocka_unit_test(equal_jobs_have_equal_energy),
		cmocka_unit_test(what_does_not_move_is_not_waited_for),
		cmocka_unit_test(a_counter_that_freezes_ends_the_wait),
		cmocka_unit_test(the_period_is_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
