/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_errors.h"
#include "cli/options_help.h"
#include "core/duration.h"
#include "unit/options_support.h"

static void command_is(const struct line *line, const char *expected)
{
	char joined[512] = "";

	for (char **word = line->options.command; *word; word++) {
		strcat(joined, *word);
		strcat(joined, word[1] ? " " : "");
	}
	assert_string_equal(joined, expected);
}

static void without_options_the_defaults_hold(void **state)
{
	struct line line;

	good(&line, "exec true");
	assert_int_equal(line.options.action, ACTION_EXEC);
	command_is(&line, "true");
	assert_string_equal(line.options.config_path, "alumet-config.toml");
	assert_false(line.options.config_named);
	assert_false(line.options.no_default_config);
	assert_null(line.options.plugins);
	assert_null(line.options.events);
	assert_int_equal(line.options.n_outputs, 0);
	assert_null(line.options.interval);
	assert_int_equal(line.options.verbosity, 0);
	assert_null(line.options.summary);
	assert_false(line.options.wait_tree);
	assert_false(line.options.ignore_exit_code);
	options_free(&line.options);
}

static void the_commands_own_options_are_never_taken(void **state)
{
	struct line line;

	good(&line, "exec ls -v -e x --plugins y -- --help");
	command_is(&line, "ls -v -e x --plugins y -- --help");
	assert_int_equal(line.options.verbosity, 0);
	assert_null(line.options.events);
	assert_null(line.options.plugins);
	options_free(&line.options);

	good(&line, "exec -v ls -v");
	command_is(&line, "ls -v");
	assert_int_equal(line.options.verbosity, 1);
	options_free(&line.options);
}

static void two_dashes_end_the_options(void **state)
{
	struct line line;

	good(&line, "exec -- -odd -v");
	command_is(&line, "-odd -v");
	options_free(&line.options);

	good(&line, "exec -v -- --help");
	command_is(&line, "--help");
	options_free(&line.options);

	good(&line, "-v -- exec -v");
	command_is(&line, "-v");
	options_free(&line.options);

	good(&line, "exec -- -- x");
	command_is(&line, "-- x");
	options_free(&line.options);
}

static void options_stand_before_or_behind_the_sub_command(void **state)
{
	static const char *const lines[] = {
		"-e cycles -o out.csv -I 100 --plugins perf,csv exec ./job 1",
		"exec -e cycles -o out.csv -I 100 --plugins perf,csv ./job 1",
		"-e cycles -o out.csv exec -I 100 --plugins perf,csv ./job 1",
		"--events=cycles --output-file=out.csv exec --interval=100 --plugins=perf,csv -- "
		"./job 1",
		"-ecycles -oout.csv -I100ms exec --plugins perf,csv ./job 1",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct line line;

		good(&line, lines[i]);
		command_is(&line, "./job 1");
		assert_string_equal(line.options.events, "cycles");
		assert_string_equal(line.options.outputs[0], "out.csv");
		assert_string_equal(line.options.interval, "100ms");
		assert_int_equal(line.options.n_plugins, 2);
		assert_string_equal(line.options.plugins[0], "perf");
		assert_string_equal(line.options.plugins[1], "csv");
		options_free(&line.options);
	}
}

/* Lines that Alumet's user book and its integration tests have. */
static void alumets_command_lines_work(void **state)
{
	struct line line;

	good(&line, "--plugins procfs,csv --config my-config.toml exec sleep 1");
	command_is(&line, "sleep 1");
	assert_string_equal(line.options.config_path, "my-config.toml");
	assert_true(line.options.config_named);
	options_free(&line.options);

	good(&line, "--plugins perf,csv --output-file measurements-experiment-1.csv exec sleep 5");
	assert_string_equal(line.options.outputs[0], "measurements-experiment-1.csv");
	options_free(&line.options);

	good(&line, "--no-default-config --config-override plugins.rapl.poll_interval='1ms' "
	            "--config-override a=1 exec x");
	assert_true(line.options.no_default_config);
	assert_int_equal(line.options.n_overrides, 2);
	assert_string_equal(line.options.overrides[0], "plugins.rapl.poll_interval='1ms'");
	assert_string_equal(line.options.overrides[1], "a=1");
	options_free(&line.options);

	good(&line, "config regen");
	assert_int_equal(line.options.action, ACTION_CONFIG_REGEN);
	options_free(&line.options);

	good(&line, "plugins list --status");
	assert_int_equal(line.options.action, ACTION_PLUGINS_LIST);
	options_free(&line.options);
}

static void alumets_options_without_effect_are_accepted_and_said(void **state)
{
	struct line line;

	parse(&line, "--max-update-interval 500ms --source-channel-size 10 exec x");
	assert_int_equal(line.result, 0);
	assert_non_null(strstr(line.told, "--max-update-interval has no effect"));
	assert_non_null(strstr(line.told, "--source-channel-size has no effect"));
	options_free(&line.options);
	good(&line, "-q --source-channel-size 10 exec x");
	options_free(&line.options);
}

static void repeated_options_add_up(void **state)
{
	struct line line;

	good(&line, "-e a,b -e {c,d} --plugins perf --plugins csv,perf -v -v exec x");
	assert_string_equal(line.options.events, "a,b,{c,d}");
	assert_int_equal(line.options.n_plugins, 2);
	assert_int_equal(line.options.verbosity, 2);
	options_free(&line.options);
}

static void interval_is_milliseconds_or_a_duration(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} cases[] = {
		{"-I 1 exec x", 1000000},    {"-I 1000 exec x", 1000000000},
		{"-I 0.5 exec x", 500000},   {"-I 2s exec x", 2000000000},
		{"-I 250us exec x", 250000}, {"-I 0 exec x", 0},
		{"-I 0s exec x", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why;
		uint64_t ns;
		struct line line;

		good(&line, cases[i].text);
		assert_int_equal(duration_parse(line.options.interval, &ns, &why), 0);
		assert_true(ns == cases[i].ns);
		options_free(&line.options);
	}
	bad("-I -5 exec x", "-I '-5'");
	bad("-I soon exec x", "-I 'soon'");
	bad("-I 99999999999999999999 exec x", "too large");
}

static void environment_names_the_configuration_and_the_option_wins(void **state)
{
	struct line line;

	setenv("ALUMET_CONFIG", "from-env.toml", 1);
	good(&line, "exec x");
	assert_string_equal(line.options.config_path, "from-env.toml");
	assert_true(line.options.config_named);
	options_free(&line.options);

	good(&line, "--config given.toml exec x");
	assert_string_equal(line.options.config_path, "given.toml");
	options_free(&line.options);

	setenv("ALUMET_CONFIG", "", 1);
	good(&line, "exec x");
	assert_false(line.options.config_named);
	options_free(&line.options);
	unsetenv("ALUMET_CONFIG");
}

static void summary_has_its_modes_and_quiet_means_none(void **state)
{
	struct line line;

	good(&line, "--summary=full exec x");
	assert_string_equal(line.options.summary, "full");
	options_free(&line.options);
	good(&line, "-q exec x");
	assert_int_equal(line.options.verbosity, -1);
	assert_string_equal(line.options.summary, "none");
	options_free(&line.options);
	good(&line, "-q exec --summary short x");
	assert_string_equal(line.options.summary, "short");
	options_free(&line.options);
	good(&line, "--summary=json --by=page-faults --color=never --progress=always exec x");
	assert_string_equal(line.options.summary, "json");
	assert_string_equal(line.options.by, "page-faults");
	assert_string_equal(line.options.color, "never");
	assert_string_equal(line.options.progress, "always");
	options_free(&line.options);
	good(&line, "--summary=json:a:b.json exec x");
	assert_string_equal(line.options.summary, "json");
	assert_string_equal(line.options.summary_path, "a:b.json");
	options_free(&line.options);
	bad("--summary=json: exec x", "the name of a file is missing");
	bad("--summary=none:x exec x", "nothing to write");
	bad("--summary=long exec x", "none, short, full, json or markdown");
	bad("--color=red exec x", "auto, always or never");
	bad("--progress=yes exec x", "--progress='yes': it can be auto, always or never");
}

static void mistyped_words_are_answered_with_the_nearest(void **state)
{
	bad("--pluginss perf exec x", "did you mean --plugins?");
	bad("exec --wait-three x", "did you mean --wait-tree?");
	bad("--output-fiel=x exec y", "did you mean --output-file?");
	bad("exce ls", "did you mean exec?");
	bad("docter", "did you mean doctor?");
	bad("config rgen", "alumet-agent config regen");
	bad("plugins show", "alumet-agent plugins list");
}

/* A script that says --output means another thing as soon as there is an option of that name. */
static void no_beginning_of_a_long_option_is_taken_for_it(void **state)
{
	for (size_t i = 0; option_table[i].name; i++) {
		for (size_t n = 1; n < strlen(option_table[i].name); n++) {
			char line[128], name[64];

			snprintf(name, sizeof(name), "%.*s", (int)n, option_table[i].name);
			if (options_has_long(name))
				continue;
			snprintf(line, sizeof(line), "--%s=1 exec x", name);
			bad(line, "option --");
			snprintf(line, sizeof(line), "exec --%s x", name);
			bad(line, "option --");
		}
	}
}

static void words_that_fit_nothing_are_refused_with_a_way_out(void **state)
{
	bad("", "sub-command is missing");
	bad("exec", "command is missing");
	bad("exec -v --", "command is missing");
	bad("config", "alumet-agent config regen");
	bad("plugins", "alumet-agent plugins list");
	bad("sleep 5", "alumet-agent exec sleep");
	bad("run", "alumet-agent exec COMMAND");
	bad("help sleep",
	    "there are exec, watch, doctor, calibrate, report, compare, send, config regen and "
	    "plugins list");
	bad("help docter", "did you mean doctor?");
	bad("regen-config", "alumet-agent config regen");
	bad("list-plugins", "alumet-agent plugins list");
	bad("--qqqqqqqqq exec x", "unknown option --qqqqqqqqq");
	bad("-Z exec y", "unknown option -Z");
	bad("--json -Z doctor", "unknown option -Z");
	bad("-vZ exec y", "unknown option -Z");
	bad("--json=3 doctor", "--json takes no argument");
	bad("--config", "--config needs an argument");
	bad("-e", "-e needs an argument");
	bad("--con x exec y", "unknown option --con");
	bad("--conf x exec y", "unknown option --conf");
	bad("--output=x.json exec y", "no option --output; write -o FILE or --output-file=FILE");
	bad("--output x.json exec y", "no option --output; write -o FILE");
	bad("exec --verb y", "did you mean --verbose?");
	bad("-v --event=cycles exec y", "did you mean --events?");
	bad("--=x exec y", "unknown option --");
	bad("doctor now", "unexpected argument 'now'");
	bad("config regen now", "unexpected argument 'now'");
	bad("--json exec x", "exec has no option --json");
	bad("doctor --wait-tree", "doctor has no option --wait-tree");
	bad("--plugins perf,,csv exec x", "a name is missing");
	bad("--plugins , exec x", "a name is missing");
	bad("-e , exec x", "no event is named");
	bad("exec -o - x", "-o /dev/stdout");
	bad("exec -o=x.csv y", "--output-file=x.csv");
	bad("exec -e=cycles y", "--events=cycles");
}

static void what_perf_or_alumet_call_otherwise_is_answered_with_our_way(void **state)
{
	bad("exec -a x",
	    "no option -a; the whole machine is measured with: alumet-agent watch --all");
	bad("exec -p 12 x",
	    "no option -p; what runs already is measured with: alumet-agent watch PID");
	bad("exec -vC0,1 x", "no option -C; it follows the command");
	bad("--pid=12 exec x", "no option --pid; what runs already is measured with");
	bad("exec -r 0 x", "a whole number from 1 to");
	bad("exec -x , y", "csv_delimiter");
	bad("exec --append x", "append = true");
	bad("exec --per-core x", "no option --per-core; the rows");
	bad("list", "alumet-agent plugins list");
	bad("stat ls", "alumet-agent exec COMMAND");
	bad("version", "alumet-agent --version");
}

static void watch_takes_pids_names_and_a_time(void **state)
{
	struct line line;

	good(&line, "watch --for 2 12 --comm nginx -e cycles 34 --comm cc1");
	assert_int_equal(line.options.action, ACTION_WATCH);
	assert_int_equal(line.options.n_pids, 2);
	assert_string_equal(line.options.pids[1], "34");
	assert_int_equal(line.options.n_comms, 2);
	assert_string_equal(line.options.comms[1], "cc1");
	assert_true(line.options.for_ns == 2000000000);
	options_free(&line.options);
	bad("watch", "no target is named");
	bad("watch --for 0 1", "it would end at once");
	bad("watch --all --comm x", "--all watches every process");
	good(&line, "watch --cgroup a --container 12ab --cgroup=/b");
	assert_int_equal(line.options.n_cgroups, 2);
	assert_string_equal(line.options.cgroups[1], "/b");
	assert_string_equal(line.options.containers[0], "12ab");
	options_free(&line.options);
	bad("watch --cgroup a 12", "either processes or cgroups");
	bad("exec --for 2 x", "exec has no option --for");
}

/* config regen writes the defaults: what would not show there is no option of it. */
static void options_that_would_have_no_effect_are_refused(void **state)
{
	bad("-o x.csv config regen", "config regen has no option --output-file: it writes the");
	bad("config regen --no-default-config", "config regen has no option --no-default-config");
	bad("config regen --config-override a=1", "config regen has no option --config-override");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_options_the_defaults_hold),
		cmocka_unit_test(the_commands_own_options_are_never_taken),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(options_stand_before_or_behind_the_sub_command),
		cmocka_unit_test(alumets_command_lines_work),
		cmocka_unit_test(alumets_options_without_effect_are_accepted_and_said),
		cmocka_unit_test(repeated_options_add_up),
		cmocka_unit_test(interval_is_milliseconds_or_a_duration),
		cmocka_unit_test(environment_names_the_configuration_and_the_option_wins),
		cmocka_unit_test(summary_has_its_modes_and_quiet_means_none),
		cmocka_unit_test(mistyped_words_are_answered_with_the_nearest),
		cmocka_unit_test(no_beginning_of_a_long_option_is_taken_for_it),
		cmocka_unit_test(words_that_fit_nothing_are_refused_with_a_way_out),
		cmocka_unit_test(watch_takes_pids_names_and_a_time),
		cmocka_unit_test(what_perf_or_alumet_call_otherwise_is_answered_with_our_way),
		cmocka_unit_test(options_that_would_have_no_effect_are_refused),
	};

	unsetenv("ALUMET_CONFIG");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
