/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Configuration files that Alumet wrote. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/config_fixture.h"

/* What Alumet v0.9 writes for --plugins perf,rapl,csv. */
static void alumet_0_9_configuration_works(void **state)
{
	struct fixture *f = *state;

	good(f, "[plugins.csv]\n"
	        "append_unit_to_metric_name = true\n"
	        "csv_delimiter = \";\"\n"
	        "force_flush = true\n"
	        "output_path = \"alumet-output.csv\"\n"
	        "use_unit_display_name = true\n"
	        "\n"
	        "[plugins.perf]\n"
	        "cache_events = [\"LL_READ_MISS\"]\n"
	        "flush_interval = \"5s\"\n"
	        "hardware_events = [\n"
	        "    \"REF_CPU_CYCLES\",\n"
	        "    \"CACHE_MISSES\",\n"
	        "    \"BRANCH_MISSES\",\n"
	        "]\n"
	        "poll_interval = \"1s\"\n"
	        "software_events = []\n"
	        "\n"
	        "[plugins.rapl]\n"
	        "flush_interval = \"5s\"\n"
	        "no_perf_events = false\n"
	        "poll_interval = \"1s\"\n");
	assert_int_equal(perf(f)->hardware_events.n, 3);
	assert_string_equal(perf(f)->hardware_events.items[2].text, "BRANCH_MISSES");
	assert_int_equal(perf(f)->software_events.n, 0);
	assert_true(perf(f)->software_events.is_set);
	assert_string_equal(perf(f)->cache_events.items[0].text, "LL_READ_MISS");
	assert_false(perf(f)->events.is_set);
	config_free(&f->config);
}

/* The single list of Alumet's main branch. */
static void newer_alumet_configuration_works(void **state)
{
	struct fixture *f = *state;

	load(f, "max_update_interval = \"500ms\"\n"
	        "[plugins.perf]\n"
	        "poll_interval = \"1s\"\n"
	        "flush_interval = \"1s\"\n"
	        "events = [\n"
	        "    \"REF_CPU_CYCLES\",\n"
	        "    \"INSTRUCTIONS#u:k\",   # both\n"
	        "    \"RESOURCE_STALLS:ANY\",\n"
	        "    { event = \"CONTEXT_SWITCHES\", rename = \"ctxsw\" },\n"
	        "]\n"
	        "add_source_in_pause_state = false\n");
	assert_int_equal(f->result, 0);
	assert_int_equal(perf(f)->events.n, 4);
	assert_string_equal(perf(f)->events.items[1].text, "INSTRUCTIONS#u:k");
	assert_string_equal(perf(f)->events.items[3].rename, "ctxsw");
	assert_non_null(strstr(f->told, ":1:1: max_update_interval has no effect"));
	assert_non_null(strstr(f->told, "add_source_in_pause_state has no effect"));
	config_free(&f->config);
}

/* Tables that Alumet's default file has when it was built with everything. */
static const char foreign[] = "[plugins.energy-attribution]\n"
			      "consumed_energy_metric_name = \"rapl_consumed_energy\"\n"
			      "[plugins.influxdb]\n"
			      "token = \"${ALUMET_TEST_UNSET}\"\n"
			      "[plugins.relay-client.retry]\n"
			      "max_times = 8\n"
			      "[[plugins.procfs.processes.groups]]\n"
			      "exe_regex = \"\"\n";

static void tables_of_plugins_that_only_alumet_has_are_named(void **state)
{
	static const char *const names[] = {"energy-attribution", "influxdb", "relay-client",
	                                    "procfs"};
	struct fixture *f = *state;
	char phrase[128];

	load(f, foreign);
	assert_int_equal(f->result, 0);
	for (size_t i = 0; i < 4; i++) {
		snprintf(phrase, sizeof(phrase), "Alumet's plugin %s is not available", names[i]);
		assert_non_null(strstr(f->told, phrase));
	}
	assert_non_null(strstr(f->told, "enabled = false in [plugins.influxdb]"));
	assert_non_null(strstr(f->told, "--plugins"));
	assert_null(strstr(f->told, "did you mean"));
	config_free(&f->config);
}

static void foreign_plugins_that_are_off_are_passed_over(void **state)
{
	static char *names[] = {"perf", "csv"};
	struct fixture *f = *state;
	struct config_request request = {.plugins = names, .n_plugins = 2};

	good(f, "[plugins.influxdb]\nenabled = false\nhost = 'h'\n");
	config_free(&f->config);
	good(f, "[plugins.relay-server]\nenable = false\n");
	config_free(&f->config);

	load_with(f, foreign, &request);
	assert_int_equal(f->result, 0);
	assert_string_equal(f->told, "");
	config_free(&f->config);
}

static void foreign_plugins_that_are_asked_for_are_an_error(void **state)
{
	static char *names[] = {"perf", "influxdb"};
	struct fixture *f = *state;
	struct config_request request = {.plugins = names, .n_plugins = 2};

	bad(f, "[plugins.influxdb]\nenabled = true\n", "1:10", "influxdb is not available");

	load_with(f, "", &request);
	assert_true(f->result < 0);
	assert_non_null(strstr(f->told, "influxdb is not available"));
	assert_non_null(strstr(f->told, "leave it out of --plugins"));
	config_free(&f->config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(alumet_0_9_configuration_works),
		TEST(newer_alumet_configuration_works),
		TEST(tables_of_plugins_that_only_alumet_has_are_named),
		TEST(foreign_plugins_that_are_off_are_passed_over),
		TEST(foreign_plugins_that_are_asked_for_are_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
