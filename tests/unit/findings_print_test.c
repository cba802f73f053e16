/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The two forms of what the doctor found. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "doctor/findings_print.h"

static char *printed(const struct findings *findings, bool json, bool unicode)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (json)
		findings_print_json(findings, out);
	else
		findings_print_text(findings, unicode, out);
	fclose(out);
	return text;
}

static void text_has_a_line_for_each_finding_by_area(void **state)
{
	struct findings findings = {0};
	struct check check = {.findings = &findings};
	char *text;

	check_area(&check, "kernel", "Kernel");
	check_add(&check, GOOD, "k", NULL, "a\nb");
	check_area(&check, "rapl", "Energy (RAPL)");
	check_add(&check, LACKING, "r", "do\nthis", "is %d\x1b[31m", 1);
	check_area(&check, "kernel", "Kernel");
	check_add(&check, GOOD, "l", NULL, "c");
	text = printed(&findings, false, true);
	assert_string_equal(text, "Kernel\n"
	                          "  ✔ k: a\n"
	                          "      b\n"
	                          "  ✔ l: c\n"
	                          "Energy (RAPL)\n"
	                          "  ✘ r: is 1\\x1b[31m\n"
	                          "      → do\n"
	                          "        this\n"
	                          "\n"
	                          "exec works here.\n");
	free(text);

	check_area(&check, "bpf", "BPF");
	check_add(&check, FATAL, "b", "x", "y");
	text = printed(&findings, false, false);
	assert_non_null(strstr(text, "  ok k: a\n"));
	assert_non_null(strstr(text, "  NO b: y\n      -> x\n"));
	assert_non_null(strstr(text, "exec does not work here"));
	for (const char *s = text; *s; s++)
		assert_true((unsigned char)*s < 0x80);
	free(text);
	findings_free(&findings);
}

static void a_remedy_stands_there_once(void **state)
{
	struct findings findings = {0};
	struct check check = {.findings = &findings};
	char *text;

	check_area(&check, "events", "Events");
	check_add(&check, LACKING, "e", "grant it", "y");
	check_area(&check, "bpf", "BPF");
	check_add(&check, FATAL, "b", "grant it", "x");
	check_area(&check, "events", "Events");
	check_add(&check, LACKING, "f", "grant it", "z");
	text = printed(&findings, false, false);
	assert_non_null(strstr(text, "Events\n"
	                             "  NO e: y\n"
	                             "      -> grant it\n"
	                             "  NO f: z\n"
	                             "      -> as for e\n"
	                             "BPF\n"
	                             "  NO b: x\n"
	                             "      -> as for e\n"));
	free(text);
	findings_free(&findings);
}

static void long_lines_are_wrapped_at_blanks(void **state)
{
	struct findings findings = {0};
	struct check check = {.findings = &findings};
	char words[1024] = "";
	char *text, *rest, *line;
	size_t n = 0;

	for (int i = 0; i < 60; i++)
		strcat(words, "word word- ");
	check_area(&check, "kernel", "Kernel");
	check_add(&check, GOOD, "k", NULL, "%s", words);
	text = printed(&findings, false, false);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), n++)
		assert_true(strlen(line) <= 80);
	assert_true(n > 7);
	free(text);
	findings_free(&findings);
}

static void json_is_escaped(void **state)
{
	struct findings findings = {0};
	struct check check = {.findings = &findings};
	char *text;

	check_area(&check, "events", "Events");
	check_add(&check, LACKING, "a \"b\"", "c\\d", "e\nf\x01 é \xff\xc2\x9b");
	text = printed(&findings, true, true);
	assert_string_equal(text, "{\n"
	                          "  \"works\": true,\n"
	                          "  \"findings\": [\n"
	                          "    {\"area\": \"events\", \"verdict\": \"lacking\", "
	                          "\"subject\": \"a \\\"b\\\"\", \"detail\": "
	                          "\"e\\nf\\u0001 é \\\\xff\\u009b\", \"remedy\": \"c\\\\d\"}\n"
	                          "  ]\n"
	                          "}\n");
	free(text);
	findings_free(&findings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_has_a_line_for_each_finding_by_area),
		cmocka_unit_test(a_remedy_stands_there_once),
		cmocka_unit_test(long_lines_are_wrapped_at_blanks),
		cmocka_unit_test(json_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
