/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Containers by the names of their cgroups. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "run/watch_cgroups.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void runtimes_name_cgroups_by_the_id(void **state)
{
	static const char *const names[] = {
		ID,
		"docker-" ID ".scope",
		"libpod-" ID ".scope",
		"libpod-" ID,
		"cri-containerd-" ID ".scope",
		"crio-" ID ".scope",
		"nerdctl-" ID ".scope",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_true(watch_is_container(names[i], "0123456789ab"));
		assert_true(watch_is_container(names[i], ID));
		assert_false(watch_is_container(names[i], "123456789ab"));
	}
}

static void other_cgroups_are_none(void **state)
{
	assert_false(watch_is_container("docker", "0123"));
	assert_false(watch_is_container("", "0123"));
	assert_false(watch_is_container("docker-0123.scope", "0123"));
	assert_false(watch_is_container("x" ID, "0123"));
	assert_false(watch_is_container(ID "0", "0123"));
	assert_false(watch_is_container("docker-" ID ".service", "0123"));
	assert_false(watch_is_container("libpod-conmon-" ID ".scope", "0123"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runtimes_name_cgroups_by_the_id),
		cmocka_unit_test(other_cgroups_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
