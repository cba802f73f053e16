/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/json.h"
#include "report/names.h"

static struct text out;

static void expect(const char *expected)
{
	text_add_char(&out, '\0');
	assert_false(out.failed);
	assert_string_equal(out.data, expected);
	text_fini(&out);
}

static void visible(const char *bytes, const char *expected)
{
	report_add_visible(&out, bytes, strlen(bytes));
	expect(expected);
}

static void names_are_shown_as_what_they_are(void **state)
{
	visible("gcc-12", "gcc-12");
	visible("", "");
	visible("日本語 שלום é 🎉", "日本語 שלום é 🎉");
	visible("a\nb\tc\x1b[0m\x7f", "a\\nb\\tc\\x1b[0m\\x7f");
	visible("\xe2\x80\xaeteg", "\\u202eteg");
	visible("\xc2\x9b", "\\u009b");
	visible("\xf3\xa0\x80\x81", "\\U000e0001");
}

static void bytes_that_are_not_utf8_are_shown(void **state)
{
	visible("\xff", "\\xff");
	visible("a\xc3", "a\\xc3");
	visible("\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80",
	        "\\xc0\\xaf\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80");
	/* A character that the text's end cuts is no character, whatever stands behind. */
	report_add_visible(&out, "\xe2\x82\xac", 2);
	expect("\\xe2\\x82");
	report_add_visible(&out, "a\0b", 3);
	expect("a\\x00b");
}

static void json_strings_are_safe_in_a_script(void **state)
{
	json_add_string(&out, "</script>\"\\\n", strlen("</script>\"\\\n"));
	expect("\"\\u003c/script>\\\"\\\\\\n\"");
}

static void json_strings_have_the_bytes(void **state)
{
	static const char *const pairs[][2] = {
		{"a\nb\tc\x1b[0m\x7f", "\"a\\nb\\u0009c\\u001b[0m\\u007f\""},
		{"\xe2\x80\xaeteg é 🎉", "\"\xe2\x80\xaeteg é 🎉\""},
		{"\xc2\x9b", "\"\\u009b\""},
		{"\xff\\xff", "\"\\\\xff\\\\xff\""},
		{"a\xc3", "\"a\\\\xc3\""},
		{"", "\"\""},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		json_add_string(&out, pairs[i][0], strlen(pairs[i][0]));
		expect(pairs[i][1]);
	}
	json_add_string(&out, "a\0b", 3);
	expect("\"a\\u0000b\"");
	json_add_visible(&out, "\n\xe2\x80\xae\"", 5);
	expect("\"\\\\n\\\\u202e\\\"\"");
}

static void json_separates_what_stands_side_by_side(void **state)
{
	text_add_char(&out, '{');
	json_add_pair(&out, "a", "x");
	json_add_pair_u64(&out, "b", UINT64_MAX);
	json_add_key(&out, "c");
	text_add_char(&out, '[');
	for (int i = 0; i < 2; i++) {
		json_separate(&out);
		json_add_f64(&out, 0.5);
	}
	text_add_string(&out, "]}");
	expect("{\"a\":\"x\",\"b\":18446744073709551615,\"c\":[0.5,0.5]}");
	json_add_f64(&out, __builtin_inf());
	expect("null");
}

static void outcome(struct report_process process, const char *expected)
{
	report_add_outcome(&out, &process);
	expect(expected);
}

static void outcomes_are_words(void **state)
{
	outcome((struct report_process){.has_end = true}, "");
	outcome((struct report_process){.exit_status = 3}, "exit 3");
	outcome((struct report_process){.signal = 11, .core = true}, "SIGSEGV (core dumped)");
	outcome((struct report_process){.signal = 9, .oom_killed = true},
	        "killed for memory, SIGKILL");
	outcome((struct report_process){.signal = 40}, "SIGRTMIN+6");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_shown_as_what_they_are),
		cmocka_unit_test(bytes_that_are_not_utf8_are_shown),
		cmocka_unit_test(json_strings_are_safe_in_a_script),
		cmocka_unit_test(json_strings_have_the_bytes),
		cmocka_unit_test(json_separates_what_stands_side_by_side),
		cmocka_unit_test(outcomes_are_words),
	};

	return cmocka_run_group_tests_name("report_names", tests, NULL, NULL);
}
