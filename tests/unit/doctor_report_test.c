/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The two forms of a doctor's report, and the words of others that go into it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "doctor/doctor_checks.h"

static char *printed(const struct report *report, bool json, bool unicode)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (json)
		report_print_json(report, out);
	else
		report_print_text(report, unicode, out);
	fclose(out);
	return text;
}

static void what_is_told_on_stderr_is_caught_without_its_prefix(void **state)
{
	struct said said;
	char *text;

	doctor_said_begin(&said);
	fputs("alumet-agent: first\n              second\nalumet-agent: warning: third\n", stderr);
	text = doctor_said_end(&said);
	assert_string_equal(text, "first\nsecond\nthird");
	free(text);

	doctor_said_begin(&said);
	text = doctor_said_end(&said);
	assert_string_equal(text, "");
	free(text);
}

static void advice_that_the_report_has_itself_is_taken_out(void **state)
{
	char text[] = "event \"x\": not permitted: CAP_PERFMON is missing. Grant it with\n"
		      "sudo setcap cap_bpf,cap_perfmon=ep /usr/bin/alumet-agent\n"
		      "event \"y\" cannot be counted; 'alumet-agent doctor' shows events\nend";

	char inside[] = "may not be opened: that needs CAP_PERFMON (setcap cap_perfmon=ep x), root, or 0";

	doctor_strip_advice(inside);
	assert_string_equal(inside, "may not be opened: that needs CAP_PERFMON, root, or 0");
	doctor_strip_advice(text);
	assert_string_equal(text, "event \"x\": not permitted: CAP_PERFMON is missing.\n"
	                          "event \"y\" cannot be counted\nend");
	doctor_strip_advice(NULL);
}

static void text_has_a_line_for_each_finding_by_area(void **state)
{
	struct report report = {0};
	char *text;

	report_add(&report, AREA_RAPL, LACKING, "r", "do\nthis", "is %d\x1b[31m", 1);
	report_add(&report, AREA_KERNEL, GOOD, "k", NULL, "a\nb");
	text = printed(&report, false, true);
	assert_string_equal(text, "Kernel\n"
	                          "  ✔ k: a\n"
	                          "      b\n"
	                          "Energy (RAPL)\n"
	                          "  ✘ r: is 1\\x1b[31m\n"
	                          "      → do\n"
	                          "        this\n"
	                          "\n"
	                          "exec works here.\n");
	free(text);

	report_add(&report, AREA_BPF, FATAL, "b", "x", "y");
	text = printed(&report, false, false);
	assert_non_null(strstr(text, "  ok k: a\n"));
	assert_non_null(strstr(text, "  NO b: y\n      -> x\n"));
	assert_non_null(strstr(text, "exec does not work here"));
	for (const char *s = text; *s; s++)
		assert_true((unsigned char)*s < 0x80);
	free(text);
	report_free(&report);
}

static void a_remedy_stands_there_once(void **state)
{
	struct report report = {0};
	char *text;

	report_add(&report, AREA_EVENTS, LACKING, "e", "grant it", "y");
	report_add(&report, AREA_BPF, FATAL, "b", "grant it", "x");
	report_add(&report, AREA_EVENTS, LACKING, "f", "grant it", "z");
	text = printed(&report, false, false);
	assert_non_null(strstr(text, "BPF\n"
	                             "  NO b: x\n"
	                             "      -> grant it\n"
	                             "Events\n"
	                             "  NO e: y\n"
	                             "      -> as for b\n"
	                             "  NO f: z\n"
	                             "      -> as for b\n"));
	free(text);
	report_free(&report);
}

static void long_lines_are_wrapped_at_blanks(void **state)
{
	struct report report = {0};
	char words[1024] = "";
	char *text, *rest, *line;
	size_t n = 0;

	for (int i = 0; i < 60; i++)
		strcat(words, "word word- ");
	report_add(&report, AREA_KERNEL, GOOD, "k", NULL, "%s", words);
	text = printed(&report, false, false);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), n++)
		assert_true(strlen(line) <= 80);
	assert_true(n > 7);
	free(text);
	report_free(&report);
}

static void json_is_escaped(void **state)
{
	struct report report = {0};
	char *text;

	report_add(&report, AREA_EVENTS, LACKING, "a \"b\"", "c\\d", "e\nf\x01 é \xff\xc2\x9b");
	text = printed(&report, true, true);
	assert_string_equal(text, "{\n"
	                          "  \"works\": true,\n"
	                          "  \"findings\": [\n"
	                          "    {\"area\": \"events\", \"verdict\": \"lacking\", "
	                          "\"subject\": \"a \\\"b\\\"\", \"detail\": "
	                          "\"e\\nf\\u0001 é \\ufffd\\u009b\", \"remedy\": \"c\\\\d\"}\n"
	                          "  ]\n"
	                          "}\n");
	free(text);
	report_free(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_on_stderr_is_caught_without_its_prefix),
		cmocka_unit_test(advice_that_the_report_has_itself_is_taken_out),
		cmocka_unit_test(text_has_a_line_for_each_finding_by_area),
		cmocka_unit_test(a_remedy_stands_there_once),
		cmocka_unit_test(long_lines_are_wrapped_at_blanks),
		cmocka_unit_test(json_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
