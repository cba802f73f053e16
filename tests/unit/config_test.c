/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/config.h"
#include "unit/config_support.h"
#include "unit/messages.h"

#define SECOND 1000000000ULL

/* A folder for the files of a test, and what the last load told. */
struct fixture {
	char folder[32];
	char path[64];
	int result;
	struct config config;
	const char *told;
	struct messages messages;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->folder, "/tmp/alumet-config.XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/c.toml", f->folder);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static struct perf_settings *perf(struct fixture *f)
{
	return f->config.plugins[0].settings;
}

static struct test_rapl *rapl(struct fixture *f)
{
	return f->config.plugins[1].settings;
}

static struct test_csv *csv(struct fixture *f)
{
	return f->config.plugins[2].settings;
}

static void load_with(struct fixture *f, const char *text, struct options *options)
{
	if (text) {
		FILE *file = fopen(f->path, "w");

		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	options->config_path = f->path;
	options->config_named = true;

	messages_catch(&f->messages, STDERR_FILENO);
	f->result = config_load_from(test_plugins, TEST_PLUGINS, options, &f->config);
	f->told = messages_text(&f->messages);
}

static void load(struct fixture *f, const char *text)
{
	struct options options = {0};

	load_with(f, text, &options);
}

/* Loads without a word. */
static void good(struct fixture *f, const char *text)
{
	load(f, text);
	if (f->result != 0 || *f->told)
		fail_msg("%d: %s\n%s", f->result, f->told, text);
}

/* Refused, with the place ("3:17") and the phrase told. */
static void bad(struct fixture *f, const char *text, const char *place, const char *phrase)
{
	char where[128];

	load(f, text);
	snprintf(where, sizeof(where), "%s:%s: ", f->path, place);
	assert_true(f->result < 0);
	if (!strstr(f->told, where) || !strstr(f->told, phrase))
		fail_msg("\"%s\" or \"%s\" is not told in: %s", where, phrase, f->told);
	config_free(&f->config);
}

static void are_defaults(struct fixture *f)
{
	assert_true(perf(f)->poll_interval_ns == SECOND);
	assert_true(perf(f)->flush_interval_ns == 5 * SECOND);
	assert_false(perf(f)->events.is_set);
	assert_false(perf(f)->hardware_events.is_set);
	assert_int_equal(perf(f)->values, VALUES_CUMULATIVE);
	assert_true(perf(f)->process_info);
	assert_false(perf(f)->per_pmu);
	assert_true(perf(f)->multiplexing_auto_scale);
	assert_int_equal(perf(f)->max_tasks, 0);
	assert_int_equal(perf(f)->ring_size, 0);
	assert_true(rapl(f)->poll_interval_ns == SECOND);
	assert_int_equal(rapl(f)->backend, 0);
	assert_string_equal(rapl(f)->sysroot, "/");
	assert_string_equal(csv(f)->output_path, "alumet-output.csv");
	assert_true(csv(f)->force_flush);
	assert_string_equal(csv(f)->csv_delimiter, ";");
	for (size_t i = 0; i < f->config.n; i++) {
		assert_true(f->config.plugins[i].enabled);
		assert_false(f->config.plugins[i].required);
	}
}

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
	struct options options = {.plugins = names, .n_plugins = 2};

	good(f, "[plugins.influxdb]\nenabled = false\nhost = 'h'\n");
	config_free(&f->config);
	good(f, "[plugins.relay-server]\nenable = false\n");
	config_free(&f->config);

	load_with(f, foreign, &options);
	assert_int_equal(f->result, 0);
	assert_string_equal(f->told, "");
	config_free(&f->config);
}

static void foreign_plugins_that_are_asked_for_are_an_error(void **state)
{
	static char *names[] = {"perf", "influxdb"};
	struct fixture *f = *state;
	struct options options = {.plugins = names, .n_plugins = 2};

	bad(f, "[plugins.influxdb]\nenabled = true\n", "1:10", "influxdb is not available");

	load_with(f, "", &options);
	assert_true(f->result < 0);
	assert_non_null(strstr(f->told, "influxdb is not available"));
	assert_non_null(strstr(f->told, "leave it out of --plugins"));
	config_free(&f->config);
}

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

static void all_mistakes_of_a_table_are_told_at_once(void **state)
{
	struct fixture *f = *state;

	load(f, "[plugins.perf]\nvalues = 'x'\nfoo = 1\nmax_tasks = -1\n");
	assert_true(f->result < 0);
	assert_non_null(strstr(f->told, ":2:10: "));
	assert_non_null(strstr(f->told, ":3:1: "));
	assert_non_null(strstr(f->told, ":4:13: "));
	config_free(&f->config);
}

static void what_is_no_toml_is_told_with_its_place(void **state)
{
	bad(*state, "[plugins.csv]\noutput_path = x.csv\n", "2:15", "");
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
	struct options options = {.plugins = names, .n_plugins = 2};

	load_with(f, "[plugins.rapl]\nenabled = false\n[plugins.perf]\nenabled = true\n", &options);
	assert_int_equal(f->result, 0);
	assert_false(f->config.plugins[0].enabled);
	assert_true(f->config.plugins[1].enabled && f->config.plugins[1].required);
	assert_true(f->config.plugins[2].enabled && f->config.plugins[2].required);
	config_free(&f->config);

	names[0] = "rapll";
	load_with(f, "", &options);
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
	struct options options = {.overrides = overrides, .n_overrides = 3};
	const char *text = "[plugins.rapl]\n"
			   "poll_interval = '10ms'\n"
			   "no_perf_events = true\n"
			   "[plugins.csv]\n"
			   "output_path = 'file.csv'\n";

	load_with(f, text, &options);
	assert_string_equal(f->told, "");
	assert_int_equal(rapl(f)->poll_interval_ns, 20000000);
	assert_true(rapl(f)->no_perf_events);
	assert_string_equal(csv(f)->output_path, "over.csv");
	assert_string_equal(csv(f)->csv_delimiter, "|");
	config_free(&f->config);

	options.output_file = "option.csv";
	options.interval_ns = 5000000;
	load_with(f, text, &options);
	assert_int_equal(rapl(f)->poll_interval_ns, 5000000);
	assert_int_equal(perf(f)->poll_interval_ns, 5000000);
	assert_true(perf(f)->flush_interval_ns == 5 * SECOND);
	assert_string_equal(csv(f)->output_path, "option.csv");
	assert_true(f->config.plugins[2].required);
	assert_false(f->config.plugins[1].required);
	config_free(&f->config);
}

static void events_option_replaces_every_list_of_events(void **state)
{
	struct fixture *f = *state;
	struct options options = {.events = "cycles,{a,b}:u,cpu/event=1,umask=2/"};

	load_with(f,
	          "[plugins.perf]\nenabled = false\nevents = ['X']\nhardware_events = ['Y']\n"
	          "cache_events = ['Z']\n",
	          &options);
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

static void mistakes_in_an_override_name_it(void **state)
{
	static const char *overrides[] = {"plugins.csv.output_path=x.csv"};
	struct fixture *f = *state;
	struct options options = {.overrides = overrides, .n_overrides = 1};

	load_with(f, "", &options);
	assert_true(f->result < 0);
	assert_non_null(strstr(f->told, "--config-override \"plugins.csv.output_path=x.csv\":1:"));
	assert_non_null(strstr(f->told, "strings in quotes"));
	config_free(&f->config);

	overrides[0] = "plugins.csv.force_flush = 3";
	load_with(f, "", &options);
	assert_true(f->result < 0);
	assert_non_null(
		strstr(f->told, "--config-override \"plugins.csv.force_flush = 3\":1:27: "));
	config_free(&f->config);
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

static void variables_that_are_not_set_or_ill_written_are_errors(void **state)
{
	static char *names[] = {"perf"};
	struct fixture *f = *state;
	struct options options = {.plugins = names, .n_plugins = 1};

	unsetenv("ALUMET_TEST_UNSET");
	bad(f, "[plugins.csv]\noutput_path = '${ALUMET_TEST_UNSET}'\n", "2:15",
	    "ALUMET_TEST_UNSET is not set");
	bad(f, "[plugins.csv]\noutput_path = '${}'\n", "2:15", "${NAME}");
	bad(f, "[plugins.csv]\noutput_path = '${A'\n", "2:15", "${NAME}");
	bad(f, "[plugins.csv]\noutput_path = '${A B}'\n", "2:15", "${NAME}");

	/* Not of interest where the plugin is off. */
	load_with(f, "[plugins.csv]\noutput_path = '${ALUMET_TEST_UNSET}'\n", &options);
	assert_int_equal(f->result, 0);
	config_free(&f->config);
}

static void a_missing_file_is_an_error_only_if_it_must_exist(void **state)
{
	struct fixture *f = *state;
	struct options options = {.config_path = f->path};
	int result;

	result = config_load_from(test_plugins, TEST_PLUGINS, &options, &f->config);
	assert_int_equal(result, 0);
	are_defaults(f);
	config_free(&f->config);

	options.no_default_config = true;
	messages_catch(&f->messages, STDERR_FILENO);
	result = config_load_from(test_plugins, TEST_PLUGINS, &options, &f->config);
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
		struct options options = {.config_path = paths[i], .config_named = true};
		int result;

		messages_catch(&f->messages, STDERR_FILENO);
		result = config_load_from(test_plugins, TEST_PLUGINS, &options, &f->config);
		f->told = messages_text(&f->messages);
		assert_true(result < 0);
		assert_non_null(strstr(f->told, paths[i]));
		config_free(&f->config);
	}
}

static void a_found_file_of_another_user_in_a_public_folder_is_refused(void **state)
{
	struct fixture *f = *state;
	struct options options = {.config_path = "c.toml"};
	char before[4096];
	int fd, result;

	if (geteuid() != 0) {
		print_message("only root can give files to another user\n");
		skip();
	}
	assert_non_null(getcwd(before, sizeof(before)));
	fd = open(f->path, O_CREAT | O_WRONLY, 0644);
	assert_int_equal(fchown(fd, 12345, 12345), 0);
	close(fd);
	assert_int_equal(chmod(f->folder, 01777), 0);
	assert_int_equal(chdir(f->folder), 0);

	messages_catch(&f->messages, STDERR_FILENO);
	result = config_load_from(test_plugins, TEST_PLUGINS, &options, &f->config);
	f->told = messages_text(&f->messages);
	config_free(&f->config);
	assert_int_equal(result, -EPERM);
	assert_non_null(strstr(f->told, "12345"));

	options.config_named = true;
	result = config_load_from(test_plugins, TEST_PLUGINS, &options, &f->config);
	config_free(&f->config);
	assert_int_equal(chdir(before), 0);
	assert_int_equal(result, 0);
}

static void regenerated_file_changes_nothing_and_has_every_key(void **state)
{
	struct fixture *f = *state;
	struct options options = {.config_path = f->path, .verbosity = -1};
	char text[16384] = "";
	FILE *file;

	assert_int_equal(config_regen_from(test_plugins, TEST_PLUGINS, &options), 0);
	file = fopen(f->path, "r");
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	for (size_t i = 0; i < TEST_PLUGINS; i++) {
		for (const struct setting *s = test_plugins[i].settings; s->key; s++) {
			if (s->type != SETTING_IGNORED && !strstr(text, s->key))
				fail_msg("%s is missing", s->key);
		}
	}
	assert_non_null(strstr(text, "# two\n# lines\n"));

	load(f, NULL);
	assert_int_equal(f->result, 0);
	assert_string_equal(f->told, "");
	are_defaults(f);
	config_free(&f->config);
}

static void regeneration_takes_the_named_plugins_only(void **state)
{
	static char *names[] = {"csv"};
	struct fixture *f = *state;
	struct options options = {
		.config_path = f->path, .verbosity = -1, .plugins = names, .n_plugins = 1};
	char text[16384] = "";
	FILE *file;

	assert_int_equal(config_regen_from(test_plugins, TEST_PLUGINS, &options), 0);
	file = fopen(f->path, "r");
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_non_null(strstr(text, "[plugins.csv]"));
	assert_null(strstr(text, "[plugins.perf]"));
}

static void regeneration_keeps_mode_and_link_of_an_existing_file(void **state)
{
	struct fixture *f = *state;
	char link[64];
	struct options options = {.config_path = link, .verbosity = -1};
	struct stat stat_of;

	snprintf(link, sizeof(link), "%s/link", f->folder);
	close(open(f->path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(symlink("c.toml", link), 0);
	assert_int_equal(config_regen_from(test_plugins, TEST_PLUGINS, &options), 0);
	assert_int_equal(lstat(link, &stat_of), 0);
	assert_true(S_ISLNK(stat_of.st_mode));
	assert_int_equal(stat(f->path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 0777, 0600);
	assert_true(stat_of.st_size > 100);
	unlink(link);
}

static void regeneration_that_fails_leaves_nothing_behind(void **state)
{
	static char *names[] = {"cvs"};
	static const char *const paths[] = {"/dev/null", "/tmp", "/nonexistent/folder/x"};
	struct fixture *f = *state;

	for (size_t i = 0; i < 3; i++) {
		struct options options = {.config_path = paths[i], .verbosity = -1};
		int result;

		messages_catch(&f->messages, STDERR_FILENO);
		result = config_regen_from(test_plugins, TEST_PLUGINS, &options);
		f->told = messages_text(&f->messages);
		assert_true(result < 0);
		assert_non_null(strstr(f->told, paths[i]));
	}

	struct options options = {.config_path = f->path, .plugins = names, .n_plugins = 1};
	int result;

	messages_catch(&f->messages, STDERR_FILENO);
	result = config_regen_from(test_plugins, TEST_PLUGINS, &options);
	f->told = messages_text(&f->messages);
	assert_true(result < 0);
	assert_non_null(strstr(f->told, "did you mean csv?"));
	assert_int_equal(access(f->path, F_OK), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_file_means_the_defaults),
		TEST(a_key_that_is_set_leaves_the_others_at_their_defaults),
		TEST(a_list_that_is_set_replaces_its_default),
		TEST(every_type_of_setting_is_read),
		TEST(alumet_0_9_configuration_works),
		TEST(newer_alumet_configuration_works),
		TEST(tables_of_plugins_that_only_alumet_has_are_named),
		TEST(foreign_plugins_that_are_off_are_passed_over),
		TEST(foreign_plugins_that_are_asked_for_are_an_error),
		TEST(wrong_keys_are_told_with_place_and_nearest),
		TEST(wrong_types_are_told_with_what_is_expected),
		TEST(wrong_values_are_told_with_what_is_possible),
		TEST(all_mistakes_of_a_table_are_told_at_once),
		TEST(what_is_no_toml_is_told_with_its_place),
		TEST(enabled_switches_plugins_off_and_wins_over_enable),
		TEST(plugins_option_decides_alone_and_makes_required),
		TEST(options_win_over_overrides_over_file),
		TEST(events_option_replaces_every_list_of_events),
		TEST(mistakes_in_an_override_name_it),
		TEST(variables_in_strings_are_replaced),
		TEST(escaped_variables_stay),
		TEST(variables_that_are_not_set_or_ill_written_are_errors),
		TEST(a_missing_file_is_an_error_only_if_it_must_exist),
		TEST(what_is_no_file_of_text_is_refused),
		TEST(a_found_file_of_another_user_in_a_public_folder_is_refused),
		TEST(regenerated_file_changes_nothing_and_has_every_key),
		TEST(regeneration_takes_the_named_plugins_only),
		TEST(regeneration_keeps_mode_and_link_of_an_existing_file),
		TEST(regeneration_that_fails_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
