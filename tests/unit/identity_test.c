/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "linux/identity.h"

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"

static void forget(void)
{
	unsetenv("TRACEPARENT");
	unsetenv("OMPI_COMM_WORLD_RANK");
	unsetenv("PMIX_RANK");
	unsetenv("PMI_RANK");
	unsetenv("SLURM_PROCID");
}

static void takes_the_id_of_the_trace(void **state)
{
	struct identity identity;
	char run[IDENTITY_RUN_SIZE];

	forget();
	setenv("TRACEPARENT", "00-" TRACE "-" SPAN "-01", 1);
	identity_new_run(run);
	assert_string_equal(run, TRACE);
	identity_read(&identity, run);
	assert_string_equal(identity.parent_span, SPAN);
	forget();
}

static void anything_else_is_no_trace(void **state)
{
	static const char *const bad[] = {
		"",
		"00-" TRACE,
		"00-" TRACE "-" SPAN,
		"00-00000000000000000000000000000000-" SPAN "-01",
		"00-" TRACE "-0000000000000000-01",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01",
		"00_" TRACE "-" SPAN "-01",
	};
	char run[IDENTITY_RUN_SIZE], other[IDENTITY_RUN_SIZE];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setenv("TRACEPARENT", bad[i], 1);
		identity_new_run(run);
		identity_new_run(other);
		assert_int_equal(strlen(run), 32);
		assert_int_equal(strspn(run, "0123456789abcdef"), 32);
		assert_string_not_equal(run, TRACE);
		assert_string_not_equal(run, other);
	}
	forget();
}

static void lists_what_is_known(void **state)
{
	struct identity identity;
	const char *key, *value;
	char known[256] = "";

	forget();
	setenv("PMI_RANK", "5", 1);
	setenv("MPI_LOCALRANKID", "1", 1);
	setenv("ALUMET_JOB_ID", "12", 1);
	unsetenv("SLURM_STEP_ID");
	identity_read(&identity, TRACE);
	for (size_t i = 0; value = identity_field(&identity, i, &key), key; i++) {
		strcat(known, key);
		strcat(known, value ? "+ " : "- ");
	}
	assert_string_equal(known, "run_id+ hostname+ boot_id+ job_id+ step- rank+ task+ ");
	assert_string_equal(identity.rank, "5");
	assert_string_equal(identity.task, "1");
	unsetenv("MPI_LOCALRANKID");
	unsetenv("ALUMET_JOB_ID");
	forget();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_id_of_the_trace),
		cmocka_unit_test(anything_else_is_no_trace),
		cmocka_unit_test(lists_what_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
