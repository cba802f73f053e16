/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a configuration that is right comes to: types, defaults, and who wins. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "unit/config_fixture.h"

static void an_empty_file_means_the_defaults(void **state)
{
	struct fixture *f = *state;

	good(f, "");
	are_defaults(f);
	config_free(&f->config);
}

static void a_key_that_is_set_leaves_the_others_at_their_defaults(void **state)
{
	struct fixture *f = *state;

	good(f, "[plugins.rapl]\npoll_interval = '10ms'\n");
	assert_true(rapl(f)->poll_interval_ns == SECOND / 100);
	assert_true(rapl(f)->flush_interval_ns == 5 * SECOND);
	assert_true(perf(f)->poll_interval_ns == SECOND);
	assert_true(f->config.plugins[2].enabled);
	config_free(&f->config);
}

static void a_list_that_is_set_replaces_its_default(void **state)
{
	struct fixture *f = *state;

	good(f, "");
	assert_int_equal(rapl(f)->zones.n, 2);
	config_free(&f->config);
	good(f, "[plugins.rapl]\nzones = ['z']\n");
	assert_int_equal(rapl(f)->zones.n, 1);
	assert_string_equal(rapl(f)->zones.items[0].text, "z");
	config_free(&f->config);
}

static void every_type_of_setting_is_read(void **state)
{
	struct fixture *f = *state;

	good(f, "[plugins.perf]\n"
	        "poll_interval = \"1m 30s\"\n"
	        "events = [\"A\", { event = \"B\", rename = \"b\" }, { event = \"C\" }]\n"
	        "values = \"delta\"\n"
	        "per_pmu = true\n"
	        "multiplexing_auto_scale = false\n"
	        "max_tasks = 100000\n"
	        "ring_size = \"4MiB\"\n"
	        "[plugins.csv]\n"
	        "output_path = 'x y.csv'\n");
	assert_true(perf(f)->poll_interval_ns == 90 * SECOND);
	assert_int_equal(perf(f)->events.n, 3);
	assert_string_equal(perf(f)->events.items[0].text, "A");
	assert_null(perf(f)->events.items[0].rename);
	assert_string_equal(perf(f)->events.items[1].text, "B");
	assert_string_equal(perf(f)->events.items[1].rename, "b");
	assert_string_equal(perf(f)->events.items[2].text, "C");
	assert_null(perf(f)->events.items[2].rename);
	assert_int_equal(perf(f)->values, VALUES_DELTA);
	assert_true(perf(f)->per_pmu);
	assert_false(perf(f)->multiplexing_auto_scale);
	assert_int_equal(perf(f)->max_tasks, 100000);
	assert_int_equal(perf(f)->ring_size, 4 << 20);
	assert_string_equal(csv(f)->output_path, "x y.csv");
	config_free(&f->config);

	good(f, "[plugins.rapl]\npoll_interval = '0s'\n"); /* never polled */
	assert_int_equal(rapl(f)->poll_interval_ns, 0);
	config_free(&f->config);

	good(f, "[plugins.perf]\nring_size = 65536\nevents = []\n");
	assert_int_equal(perf(f)->ring_size, 65536);
	assert_int_equal(perf(f)->events.n, 0);
	assert_true(perf(f)->events.is_set);
	config_free(&f->config);
}

static void enabled_switches_plugins_off_and_wins_over_enable(void **state)
{
	struct fixture *f = *state;

	good(f, "[plugins.rapl]\nenabled = false\n[plugins.csv]\nenable = false\n");
	assert_true(f->config.plugins[0].enabled);
	assert_false(f->config.plugins[1].enabled);
	assert_false(f->config.plugins[2].enabled);
	config_free(&f->config);

	good(f, "[plugins.rapl]\nenabled = true\nenable = false\n");
	assert_true(f->config.plugins[1].enabled);
	config_free(&f->config);
}

static void plugins_option_decides_alone_and_makes_required(void **state)
{
	static char *names[] = {"rapl", "csv"};
	struct fixture *f = *state;
	struct config_request request = {.plugins = names, .n_plugins = 2};

	load_with(f, "[plugins.rapl]\nenabled = false\n[plugins.perf]\nenabled = true\n", &request);
	assert_int_equal(f->result, 0);
	assert_false(f->config.plugins[0].enabled);
	assert_true(f->config.plugins[1].enabled && f->config.plugins[1].required);
	assert_true(f->config.plugins[2].enabled && f->config.plugins[2].required);
	config_free(&f->config);

	names[0] = "rapll";
	load_with(f, "", &request);
	names[0] = "rapl";
	assert_true(f->result < 0);
	assert_non_null(strstr(f->told, "did you mean rapl?"));
	config_free(&f->config);
}

static void options_win_over_overrides_over_file(void **state)
{
	static const char *overrides[] = {
		"plugins.rapl.poll_interval = '20ms'",
		"[plugins.csv]\noutput_path = 'over.csv'\ncsv_delimiter = ','",
		"plugins.csv.csv_delimiter = '|'",
	};
	struct fixture *f = *state;
	const struct config_assignment assignments[] = {
		{"-o", "-o", "output_path", "option.csv"},
		{"-I", NULL, "poll_interval", "5ms"},
	};
	struct config_request request = {.overrides = overrides, .n_overrides = 3};
	const char *text = "[plugins.rapl]\n"
			   "poll_interval = '10ms'\n"
			   "no_perf_events = true\n"
			   "[plugins.csv]\n"
			   "output_path = 'file.csv'\n";

	load_with(f, text, &request);
	assert_string_equal(f->told, "");
	assert_int_equal(rapl(f)->poll_interval_ns, 20000000);
	assert_true(rapl(f)->no_perf_events);
	assert_string_equal(csv(f)->output_path, "over.csv");
	assert_string_equal(csv(f)->csv_delimiter, "|");
	config_free(&f->config);

	request.assignments = assignments;
	request.n_assignments = 2;
	load_with(f, text, &request);
	assert_int_equal(rapl(f)->poll_interval_ns, 5000000);
	assert_int_equal(perf(f)->poll_interval_ns, 5000000);
	assert_true(perf(f)->flush_interval_ns == 5 * SECOND);
	assert_string_equal(csv(f)->output_path, "option.csv");
	assert_true(f->config.plugins[2].required);
	assert_false(f->config.plugins[1].required);
	config_free(&f->config);
}

static void a_run_without_sources_is_warned_of(void **state)
{
	static char *names[] = {"csv"};
	struct fixture *f = *state;
	struct config_request request = {.plugins = names, .n_plugins = 1, .is_measuring = true};

	load_with(f, "", &request);
	assert_int_equal(f->result, 0);
	assert_non_null(strstr(f->told, "nothing will be measured"));
	config_free(&f->config);

	request.is_measuring = false;
	load_with(f, "", &request);
	assert_string_equal(f->told, "");
	config_free(&f->config);
}

static void events_option_replaces_every_list_of_events(void **state)
{
	struct fixture *f = *state;
	const struct config_assignment events = {"-e", "-e", "events",
	                                         "cycles,{a,b}:u,cpu/event=1,umask=2/"};
	struct config_request request = {.assignments = &events, .n_assignments = 1};

	load_with(f,
	          "[plugins.perf]\nenabled = false\nevents = ['X']\nhardware_events = ['Y']\n"
	          "cache_events = ['Z']\n",
	          &request);
	assert_int_equal(f->result, 0);
	assert_int_equal(perf(f)->events.n, 3);
	assert_string_equal(perf(f)->events.items[0].text, "cycles");
	assert_string_equal(perf(f)->events.items[1].text, "{a,b}:u");
	assert_string_equal(perf(f)->events.items[2].text, "cpu/event=1,umask=2/");
	assert_false(perf(f)->hardware_events.is_set);
	assert_false(perf(f)->cache_events.is_set);
	assert_true(f->config.plugins[0].enabled && f->config.plugins[0].required);
	config_free(&f->config);
}

/* Two outputs that write files, and a source that has a setting called as perf's. */
static struct setting other_settings[] = {
	{"events", SETTING_LIST, 0, "[\"kept\"]", NULL, "e"},
	{0},
};

static const struct plugin other_source = {.kind = PLUGIN_SOURCE,
                                           .name = "other",
                                           .settings = other_settings,
                                           .settings_size = sizeof(struct setting_list)};
static const struct plugin trace_output = {.kind = PLUGIN_OUTPUT,
                                           .name = "trace",
                                           .settings = test_csv_table,
                                           .settings_size = sizeof(struct test_csv),
                                           .def = PLUGIN_OFF,
                                           .role = "-o"};
static const struct plugin *const two_outputs[] = {&test_plugin_table[0], &other_source,
                                                   &test_plugin_table[2], &trace_output};

static const char *path_of(const struct config *config, size_t i)
{
	return ((struct test_csv *)config->plugins[i].settings)->output_path;
}

static void an_option_sets_the_plugin_of_its_role_alone(void **state)
{
	const struct config_assignment assignments[] = {
		{"-e", "-e", "events", "cycles"},
		{"-o", "-o", "output_path", "a:b.csv"},
		{"-o", "-o", "output_path", "trace:t:1.gz"},
		{"-o", "-o", "output_path", "csv:x.csv"},
	};
	struct config_request request = {.path = "/dev/null", .path_is_named = true};
	struct config config;

	assert_int_equal(config_load_from(two_outputs, 4, &request, &config), 0);
	assert_true(config.plugins[2].enabled);
	assert_false(config.plugins[3].enabled);
	config_free(&config);

	request.assignments = assignments;
	request.n_assignments = 3;
	assert_int_equal(config_check_for(two_outputs, 4, &request), 0);
	assert_int_equal(config_load_from(two_outputs, 4, &request, &config), 0);
	assert_int_equal(((struct perf_settings *)config.plugins[0].settings)->events.n, 1);
	assert_string_equal(((struct setting_list *)config.plugins[1].settings)->items[0].text,
	                    "kept");
	assert_string_equal(path_of(&config, 2), "a:b.csv");
	assert_string_equal(path_of(&config, 3), "t:1.gz");
	assert_true(config.plugins[3].enabled && config.plugins[3].required);
	config_free(&config);

	request.n_assignments = 4;
	assert_int_equal(config_load_from(two_outputs, 4, &request, &config), 0);
	assert_string_equal(path_of(&config, 2), "x.csv");
	config_free(&config);
}

static const struct plugin auto_source = {
	.kind = PLUGIN_SOURCE, .name = "gpu", .def = PLUGIN_AUTO, .role = "-g"};
static const struct plugin *const one_auto[] = {&auto_source};

/* Whether the plugin is still one whose absence is not worth a message. */
static bool is_auto(const char *file, struct config_request request)
{
	struct config config;
	bool result;

	request.path = "/dev/null";
	request.path_is_named = true;
	request.overrides = &file;
	request.n_overrides = file ? 1 : 0;
	assert_int_equal(config_load_from(one_auto, 1, &request, &config), 0);
	assert_true(config.plugins[0].enabled);
	result = config.plugins[0].is_auto;
	config_free(&config);
	return result;
}

static void auto_ends_where_somebody_switches_the_plugin_on(void **state)
{
	const struct config_assignment option = {"-g", "-g", "key", "1"};
	char *const names[] = {"gpu"};

	assert_true(is_auto(NULL, (struct config_request){0}));
	assert_true(is_auto("[plugins.gpu]", (struct config_request){0}));
	assert_false(is_auto("plugins.gpu.enabled = true", (struct config_request){0}));
	assert_false(is_auto(NULL, (struct config_request){.plugins = names, .n_plugins = 1}));
	assert_false(
		is_auto(NULL, (struct config_request){.assignments = &option, .n_assignments = 1}));
}

static void refused(struct config_request *request, const char *phrase)
{
	struct messages messages;
	int result;

	messages_catch(&messages, STDERR_FILENO);
	result = config_check_for(two_outputs, 4, request);
	assert_non_null(strstr(messages_text(&messages), phrase));
	assert_int_equal(result, -EINVAL);
}

static void options_that_do_not_fit_are_refused(void **state)
{
	static char *names[] = {"csv", "other"};
	struct config_assignment assignment = {"-e", "-e", "events", "cycles"};
	struct config_request request = {.path = "/dev/null",
	                                 .plugins = names,
	                                 .n_plugins = 2,
	                                 .assignments = &assignment,
	                                 .n_assignments = 1};

	refused(&request, "plugin perf, which --plugins leaves out");
	names[1] = "othre";
	refused(&request, "--plugins: unknown plugin 'othre'; did you mean other?");
	names[1] = "other";
	assignment = (struct config_assignment){"-o", "-o", "output_path", "trace:x"};
	refused(&request, "plugin trace, which --plugins leaves out");
	request.plugins = NULL;
	request.n_plugins = 0;
	assert_int_equal(config_check_for(two_outputs, 4, &request), 0);
	assignment.text = "trcae:x";
	refused(&request, "did you mean trace:x?");
	assignment.text = "trace:";
	refused(&request, "name of a file is missing");
	assignment.text = "./trcae:x";
	assert_int_equal(config_check_for(two_outputs, 4, &request), 0);
}

static void variables_in_strings_are_replaced(void **state)
{
	struct fixture *f = *state;

	setenv("ALUMET_TEST_A", "one \"two\"", 1);
	setenv("ALUMET_TEST_B", "", 1);
	good(f, "[plugins.csv]\n"
	        "output_path = \"<${ALUMET_TEST_A}${ALUMET_TEST_B}>$HOME$\"\n"
	        "[plugins.perf]\n"
	        "events = [{ event = \"${ALUMET_TEST_A}\", rename = 'x' }]\n");
	assert_string_equal(csv(f)->output_path, "<one \"two\">$HOME$");
	assert_string_equal(perf(f)->events.items[0].text, "one \"two\"");
	config_free(&f->config);
}

static void escaped_variables_stay(void **state)
{
	static const char *const ways[] = {"\"\\${HOME}/x\"", "'\\${HOME}/x'", "\"\\\\${HOME}/x\"",
	                                   "\"\"\"\\${HOME}/x\"\"\""};
	struct fixture *f = *state;
	char text[128];

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		snprintf(text, sizeof(text), "[plugins.csv]\noutput_path = %s\n", ways[i]);
		good(f, text);
		assert_string_equal(csv(f)->output_path, "${HOME}/x");
		config_free(&f->config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_file_means_the_defaults),
		TEST(a_key_that_is_set_leaves_the_others_at_their_defaults),
		TEST(a_list_that_is_set_replaces_its_default),
		TEST(every_type_of_setting_is_read),
		TEST(enabled_switches_plugins_off_and_wins_over_enable),
		TEST(plugins_option_decides_alone_and_makes_required),
		TEST(options_win_over_overrides_over_file),
		TEST(a_run_without_sources_is_warned_of),
		TEST(events_option_replaces_every_list_of_events),
		TEST(an_option_sets_the_plugin_of_its_role_alone),
		TEST(auto_ends_where_somebody_switches_the_plugin_on),
		TEST(options_that_do_not_fit_are_refused),
		TEST(variables_in_strings_are_replaced),
		TEST(escaped_variables_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
