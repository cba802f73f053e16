/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What --help and --version print. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/complete_values.h"
#include "core/exit_status.h"
#include "unit/options_support.h"

static void help_and_version_end_with_0(void **state)
{
	static const struct {
		const char *text;
		const char *phrase;
	} cases[] = {
		{"--help", "Sub-commands:"},
		{"-h", "Sub-commands:"},
		{"help", "Sub-commands:"},
		{"help help", "Sub-commands:"},
		{"help --help", "Sub-commands:"},
		{"exec --help", "--wait-tree"},
		{"--help exec", "--wait-tree"},
		{"help exec", "--wait-tree"},
		{"config --help", "config regen"},
		{"help config", "config regen"},
		{"help plugins list", "plugins list"},
		{"doctor -h", "--json"},
		{"--version", "libbpf"},
		{"exec --version x", "revision"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct line line;

		parse_to(&line, cases[i].text, STDOUT_FILENO);
		assert_int_equal(line.result, 1);
		if (!strstr(line.told, cases[i].phrase))
			fail_msg("'%s' does not show \"%s\"", cases[i].text, cases[i].phrase);
		options_free(&line.options);
	}
}

static void completion_knows_each_option_with_a_value(void **state)
{
	for (const struct option_info *option = option_table; option->name; option++) {
		if (option->argument && !complete_has_value(option->code))
			fail_msg("complete_values.c does not have --%s", option->name);
	}
}

static void help_of_a_sub_command_shows_its_options_only(void **state)
{
	struct line line;

	parse_to(&line, "config regen --help", STDOUT_FILENO);
	assert_non_null(strstr(line.told, "--config="));
	assert_null(strstr(line.told, "--wait-tree"));
	assert_null(strstr(line.told, "--json"));
	assert_null(strstr(line.told, "--output-file"));
	assert_null(strstr(line.told, "--config-override"));
	assert_non_null(strstr(line.told, "file to write"));
	options_free(&line.options);
}

static void help_fits_80_columns(void **state)
{
	static const char *const lines[] = {"--help", "exec -h", "config -h", "plugins -h",
	                                    "doctor -h"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct line line;

		parse_to(&line, lines[i], STDOUT_FILENO);
		for (const char *s = line.told; *s; s += strcspn(s, "\n") + 1) {
			if (strcspn(s, "\n") > 80)
				fail_msg("%s: %.*s", lines[i], (int)strcspn(s, "\n"), s);
		}
		options_free(&line.options);
	}
}

static void help_that_cannot_be_written_is_a_failure(void **state)
{
	const int saved = dup(STDOUT_FILENO);
	const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct line line;

	if (full < 0) {
		close(saved);
		print_message("there is no /dev/full here\n");
		skip();
	}
	fflush(stdout);
	dup2(full, STDOUT_FILENO);
	parse(&line, "--help");
	__fpurge(stdout);
	clearerr(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(full);
	assert_int_equal(line.result, EXIT_AGENT + 1);
	assert_non_null(strstr(line.told, "cannot write"));
	options_free(&line.options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_and_version_end_with_0),
		cmocka_unit_test(completion_knows_each_option_with_a_value),
		cmocka_unit_test(help_of_a_sub_command_shows_its_options_only),
		cmocka_unit_test(help_fits_80_columns),
		cmocka_unit_test(help_that_cannot_be_written_is_a_failure),
	};

	unsetenv("ALUMET_CONFIG");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
