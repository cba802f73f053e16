/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is told of files that cannot be meant as they are. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "unit/config_fixture.h"

static void wrong_keys_are_told_with_place_and_nearest(void **state)
{
	struct fixture *f = *state;

	bad(f, "[plugins.perf]\n  pol_interval = '1s'\n", "2:3", "did you mean poll_interval?");
	bad(f, "[plugins.csv]\noutput = 'x'\n", "2:1", "unknown key 'output'");
	bad(f, "[plugins.perff]\n", "1:10", "unknown plugin 'perff'; did you mean perf?");
	bad(f, "[plugins.zzzzzzzz]\n", "1:10", "unknown plugin 'zzzzzzzz'");
	bad(f, "[plugin.perf]\n", "1:2", "did you mean plugins?");
	bad(f, "[perf]\n", "1:2", "[plugins.perf]");
	bad(f, "poll_interval = '1s'\n", "1:1", "unknown key 'poll_interval'");
	bad(f, "[plugins.perf]\nevents = [{ evnt = 'x' }]\n", "2:13", "unknown key 'evnt'");
}

static void wrong_types_are_told_with_what_is_expected(void **state)
{
	struct fixture *f = *state;

	bad(f, "[plugins.perf]\npoll_interval = 1\n", "2:17", "\"1s\"");
	bad(f, "[plugins.perf]\nprocess_info = 'true'\n", "2:16", "without quotes");
	bad(f, "[plugins.perf]\nmax_tasks = '5'\n", "2:13", "a whole number");
	bad(f, "[plugins.perf]\nmax_tasks = 5.5\n", "2:13", "a whole number");
	bad(f, "[plugins.perf]\nvalues = true\n", "2:10", "a string");
	bad(f, "[plugins.perf]\nevents = 'A'\n", "2:10", "a list");
	bad(f, "[plugins.perf]\nevents = ['A', 3]\n", "2:16", "not an integer");
	bad(f, "[plugins.perf]\nevents = [{ rename = 'x' }]\n", "2:11", "names no event");
	bad(f, "[plugins.perf]\nevents = [{ event = 3 }]\n", "2:21", "event must be a name");
	bad(f, "[plugins.perf]\nring_size = true\n", "2:13", "a size");
	bad(f, "[plugins.csv]\noutput_path = ['x']\n", "2:15", "not a list");
	bad(f, "[plugins.csv]\nenabled = 'no'\n", "2:11", "true or false");
	bad(f, "[plugins]\nperf = 1\n", "2:8", "must be a table");
	bad(f, "plugins = []\n", "1:11", "must be a table");
}

static void wrong_values_are_told_with_what_is_possible(void **state)
{
	struct fixture *f = *state;

	bad(f, "[plugins.perf]\nvalues = 'detla'\n", "2:10", "did you mean \"delta\"?");
	bad(f, "[plugins.rapl]\nbackend = 'none'\n", "2:11",
	    "\"auto\", \"perf\", \"powercap\" or \"msr\"");
	bad(f, "[plugins.perf]\npoll_interval = '1 parsec'\n", "2:17", "unit is not known");
	bad(f, "[plugins.perf]\npoll_interval = ''\n", "2:17", "a number is expected");
	bad(f, "[plugins.perf]\nmax_tasks = -1\n", "2:13", "negative");
	bad(f, "[plugins.perf]\nring_size = '1 furlong'\n", "2:13", "unit is not known");
	bad(f, "[plugins.perf]\nevents = ['']\n", "2:11", "empty");
}

static void values_that_a_plugin_cannot_use_are_told_with_their_place(void **state)
{
	struct fixture *f = *state;

	bad(f, "[plugins.perf]\nring_size = '3000'\n", "2:13", "ring_size = \"3000\": it must be");
	bad(f, "[plugins.perf]\nring_size = 4097\n", "2:13", "ring_size = 4097: it must be");
	bad(f, "[plugins.perf]\nring_size = '2GiB'\n", "2:13", "a power of two");
	bad(f, "[plugins.perf]\nmax_tasks = 4194305\n", "2:13", "max_tasks = 4194305: it can be");
	good(f, "[plugins.perf]\nmax_tasks = 4194304\nring_size = '1GiB'\n");
	config_free(&f->config);
	good(f, "[plugins.perf]\nring_size = 'auto'\n");
	config_free(&f->config);
}

static void a_value_with_a_line_break_does_not_break_the_message(void **state)
{
	struct fixture *f = *state;

	bad(f, "[plugins.perf]\nvalues = \"a\\n\\\"b\"\n", "2:10", "= \"a\\n\\\"b\": it can be");
}

static void all_mistakes_of_a_table_are_told_at_once(void **state)
{
	struct fixture *f = *state;

	load(f, "[plugins.perf]\nvalues = 'x'\nfoo = 1\nmax_tasks = -1\n");
	assert_true(f->result < 0);
	assert_non_null(strstr(f->told, ":2:10: "));
	assert_non_null(strstr(f->told, ":3:1: "));
	assert_non_null(strstr(f->told, ":4:13: "));
	config_free(&f->config);

	load(f, "[plugins.perf]\nvalues = 'x'\n[plugins.csv]\nforce_flush = 1\n");
	assert_non_null(strstr(f->told, ":2:10: "));
	assert_non_null(strstr(f->told, ":4:15: "));
	config_free(&f->config);
}

static void what_is_no_toml_is_told_with_its_place(void **state)
{
	bad(*state, "[plugins.csv]\noutput_path = x.csv\n", "2:15", "");
}

static void mistakes_in_an_override_name_it(void **state)
{
	static const char *overrides[] = {"plugins.csv.output_path=x.csv"};
	struct fixture *f = *state;
	struct config_request request = {.overrides = overrides, .n_overrides = 1};

	load_with(f, "", &request);
	assert_true(f->result < 0);
	assert_non_null(strstr(f->told, "--config-override \"plugins.csv.output_path=x.csv\":1:"));
	assert_non_null(strstr(f->told, "strings in quotes"));
	config_free(&f->config);

	overrides[0] = "plugins.csv.force_flush = 3";
	load_with(f, "", &request);
	assert_true(f->result < 0);
	assert_non_null(
		strstr(f->told, "--config-override \"plugins.csv.force_flush = 3\":1:27: "));
	config_free(&f->config);
}

static void variables_that_are_not_set_or_ill_written_are_errors(void **state)
{
	static char *names[] = {"perf"};
	struct fixture *f = *state;
	struct config_request request = {.plugins = names, .n_plugins = 1};

	unsetenv("ALUMET_TEST_UNSET");
	bad(f, "[plugins.csv]\noutput_path = '${ALUMET_TEST_UNSET}'\n", "2:15",
	    "ALUMET_TEST_UNSET is not set");
	bad(f, "[plugins.csv]\noutput_path = '${}'\n", "2:15", "${NAME}");
	bad(f, "[plugins.csv]\noutput_path = '${A'\n", "2:15", "${NAME}");
	bad(f, "[plugins.csv]\noutput_path = '${A B}'\n", "2:15", "${NAME}");

	/* Not of interest where the plugin is off. */
	load_with(f, "[plugins.csv]\noutput_path = '${ALUMET_TEST_UNSET}'\n", &request);
	assert_int_equal(f->result, 0);
	config_free(&f->config);
}

static void a_missing_file_is_an_error_only_if_it_must_exist(void **state)
{
	struct fixture *f = *state;
	struct config_request request = {.path = f->path};
	int result;

	result = config_load_from(test_plugins, TEST_PLUGINS, &request, &f->config);
	assert_int_equal(result, 0);
	are_defaults(f);
	config_free(&f->config);

	request.must_exist = true;
	messages_catch(&f->messages, STDERR_FILENO);
	result = config_load_from(test_plugins, TEST_PLUGINS, &request, &f->config);
	f->told = messages_text(&f->messages);
	assert_int_equal(result, -ENOENT);
	assert_non_null(strstr(f->told, "config regen"));
	config_free(&f->config);

	load(f, NULL); /* named */
	assert_int_equal(f->result, -ENOENT);
	assert_non_null(strstr(f->told, f->path));
	config_free(&f->config);
}

static void what_is_no_file_of_text_is_refused(void **state)
{
	static const char *const paths[] = {"/tmp", "/dev/zero", "/dev/null/x"};
	struct fixture *f = *state;

	for (size_t i = 0; i < 3; i++) {
		struct config_request request = {.path = paths[i], .path_is_named = true};
		int result;

		messages_catch(&f->messages, STDERR_FILENO);
		result = config_load_from(test_plugins, TEST_PLUGINS, &request, &f->config);
		f->told = messages_text(&f->messages);
		assert_true(result < 0);
		assert_non_null(strstr(f->told, paths[i]));
		config_free(&f->config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(wrong_keys_are_told_with_place_and_nearest),
		TEST(wrong_types_are_told_with_what_is_expected),
		TEST(wrong_values_are_told_with_what_is_possible),
		TEST(values_that_a_plugin_cannot_use_are_told_with_their_place),
		TEST(a_value_with_a_line_break_does_not_break_the_message),
		TEST(all_mistakes_of_a_table_are_told_at_once),
		TEST(what_is_no_toml_is_told_with_its_place),
		TEST(mistakes_in_an_override_name_it),
		TEST(variables_that_are_not_set_or_ill_written_are_errors),
		TEST(a_missing_file_is_an_error_only_if_it_must_exist),
		TEST(what_is_no_file_of_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
