/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config/toml.h"

static struct toml_value *parsed(const char *text)
{
	struct toml_value *root = NULL;
	struct toml_error error = {0};

	if (toml_parse(text, strlen(text), "test.toml", &root, &error) != 0)
		fail_msg("%u:%u: %s", error.place.line, error.place.column, error.message);
	return root;
}

/* column 0: anywhere in the line. */
static void refused_at(const char *text, size_t length, uint32_t line, uint32_t column)
{
	struct toml_value *root = NULL;
	struct toml_error error = {0};

	assert_int_equal(toml_parse(text, length, "test.toml", &root, &error), -EINVAL);
	assert_null(root);
	assert_int_equal(error.place.line, line);
	if (column != 0)
		assert_int_equal(error.place.column, column);
	assert_true(strlen(error.message) > 0);
}

static void every_type_of_value_arrives(void **state)
{
	struct toml_value *root = parsed("s = \"text\"\n"
	                                 "i = -9_223_372_036_854_775_808\n"
	                                 "h = 0xff\n"
	                                 "f = 2.5\n"
	                                 "n = nan\n"
	                                 "b = true\n"
	                                 "d = 1979-05-27T07:32:00Z\n"
	                                 "a = [1, 'two', [3]]\n"
	                                 "[t]\n"
	                                 "k = false\n");

	assert_int_equal(root->type, TOML_TABLE);
	assert_string_equal(toml_get(root, "s")->string, "text");
	assert_true(toml_get(root, "i")->integer == INT64_MIN);
	assert_int_equal(toml_get(root, "h")->integer, 255);
	assert_true(toml_get(root, "f")->real == 2.5);
	assert_true(isnan(toml_get(root, "n")->real));
	assert_true(toml_get(root, "b")->boolean);
	assert_int_equal(toml_get(root, "d")->type, TOML_DATETIME);
	assert_int_equal(toml_get(root, "a")->n, 3);
	assert_string_equal(toml_get(root, "a")->items[1].string, "two");
	assert_int_equal(toml_get(root, "a")->items[2].items[0].integer, 3);
	assert_int_equal(toml_get(toml_get(root, "t"), "k")->type, TOML_BOOLEAN);
	assert_false(toml_get(toml_get(root, "t"), "k")->boolean);
	assert_null(toml_get(root, "nothing"));
	toml_free(root);
}

static void values_and_keys_know_their_places(void **state)
{
	struct toml_value *root = parsed("# comment\n"
	                                 "[plugins.perf]\n"
	                                 "  events = [\"A\", \"B\"]\n"
	                                 "plain = 1\n");
	const struct toml_value *perf = toml_get(toml_get(root, "plugins"), "perf");
	const struct toml_value *events = toml_get(perf, "events");

	assert_int_equal(perf->key_place.line, 2);
	assert_int_equal(perf->key_place.column, 10);
	assert_int_equal(events->key_place.line, 3);
	assert_int_equal(events->key_place.column, 3);
	assert_int_equal(events->place.line, 3);
	assert_int_equal(events->place.column, 12);
	assert_int_equal(events->items[1].place.column, 18);
	assert_int_equal(toml_get(perf, "plain")->place.line, 4);
	assert_int_equal(toml_get(perf, "plain")->place.column, 9);
	assert_string_equal(events->items[1].origin, "test.toml");
	toml_free(root);
}

static void keys_keep_the_order_of_the_file(void **state)
{
	struct toml_value *root = parsed("zebra = 1\napple = 2\nmango = 3\n");

	assert_int_equal(root->n, 3);
	assert_string_equal(root->items[0].key, "zebra");
	assert_string_equal(root->items[1].key, "apple");
	assert_string_equal(root->items[2].key, "mango");
	toml_free(root);
}

static void mistakes_are_told_with_their_place(void **state)
{
	const char *unclosed = "a = 1\nb = \"x\nc = 2\n";
	const char *twice = "a = 1\na = 2\n";

	refused_at(unclosed, strlen(unclosed), 2, 7);
	refused_at(twice, strlen(twice), 2, 0);
}

/* toml++ asserts that there is none. */
static void a_header_that_begins_with_no_key_is_refused(void **state)
{
	refused_at("[=]", 3, 1, 2);
	refused_at("a = 1\n  [ \xc3\xa9]\nb = 2\n", 20, 2, 5);
	refused_at("s = \"\xc3\xa9\"\n[[.x]]\n", 17, 2, 3);
	refused_at("[\x02", 2, 1, 2);
	refused_at("[!", 2, 1, 2);
}

static void broken_utf8_is_refused(void **state)
{
	struct toml_value *root;
	struct toml_error error = {0};

	assert_int_equal(toml_parse("a = \"\xff\"", 8, "t", &root, &error), -EINVAL);
	assert_null(root);
}

static void nul_character_in_a_string_or_key_is_refused(void **state)
{
	const char *in_string = "a = 1\nb = \"x\\u0000y\"\n";
	const char *in_key = "a = 1\n\"x\\u0000y\" = 2\n";

	refused_at(in_string, strlen(in_string), 2, 5);
	refused_at(in_key, strlen(in_key), 2, 1);
}

static void nesting_without_end_is_refused_not_followed(void **state)
{
	char text[100000] = "a = ";
	struct toml_value *root;
	struct toml_error error = {0};

	memset(text + 4, '[', sizeof(text) - 5);
	assert_int_equal(toml_parse(text, sizeof(text) - 1, "t", &root, &error), -EINVAL);
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "a.", 2);
	assert_int_equal(toml_parse(text, sizeof(text) - 1, "t", &root, &error), -EINVAL);
	text[0] = '[';
	assert_int_equal(toml_parse(text, sizeof(text) - 1, "t", &root, &error), -EINVAL);
}

/* Each allowed by itself: as many levels as there can be. */
static void nesting_as_deep_as_is_allowed_is_followed(void **state)
{
	char *text = calloc(1, 100000), *end = text;
	struct toml_value *root;

	for (int level = 0; level < 7; level++) {
		end = stpcpy(end, "a");
		for (int i = 0; i < 500; i++)
			end = stpcpy(end, ".a");
		end = stpcpy(end, " = [\n{ ");
	}
	end = stpcpy(end, "a = 1");
	for (int level = 0; level < 7; level++)
		end = stpcpy(end, " }\n]");
	root = parsed(text);
	toml_free(root);
	free(text);
}

static void empty_texts_are_empty_tables(void **state)
{
	struct toml_value *root = parsed("");

	assert_int_equal(root->type, TOML_TABLE);
	assert_int_equal(root->n, 0);
	toml_free(root);
	root = parsed("\xef\xbb\xbf# byte order mark\r\n");
	assert_int_equal(root->n, 0);
	toml_free(root);
	toml_free(NULL);
}

static void merging_goes_key_by_key_and_table_by_table(void **state)
{
	struct toml_value *root = parsed("a = 1\n[t]\nx = 1\ny = 2\n[t.deep]\nk = 'old'\n");
	struct toml_value *over = parsed("b = 2\nt.y = 'new'\nt.deep.k2 = true\n[more]\nm = 1\n");
	const struct toml_value *t;

	assert_int_equal(toml_merge(root, over), 0);
	assert_int_equal(over->n, 0);
	toml_free(over);

	t = toml_get(root, "t");
	assert_int_equal(toml_get(root, "a")->integer, 1);
	assert_int_equal(toml_get(root, "b")->integer, 2);
	assert_int_equal(toml_get(t, "x")->integer, 1);
	assert_string_equal(toml_get(t, "y")->string, "new");
	assert_string_equal(toml_get(toml_get(t, "deep"), "k")->string, "old");
	assert_true(toml_get(toml_get(t, "deep"), "k2")->boolean);
	assert_int_equal(toml_get(toml_get(root, "more"), "m")->integer, 1);
	toml_free(root);
}

static void merging_replaces_lists_and_other_types_as_a_whole(void **state)
{
	struct toml_value *root = parsed("l = [1, 2, 3]\nt = { k = 1 }\nv = 1\n");
	struct toml_value *over = parsed("l = [9]\nt = 5\nv = { k = 2 }\n");

	assert_int_equal(toml_merge(root, over), 0);
	toml_free(over);
	assert_int_equal(root->n, 3);
	assert_int_equal(toml_get(root, "l")->n, 1);
	assert_int_equal(toml_get(root, "l")->items[0].integer, 9);
	assert_int_equal(toml_get(root, "t")->integer, 5);
	assert_int_equal(toml_get(root, "v")->type, TOML_TABLE);
	assert_int_equal(toml_get(toml_get(root, "v"), "k")->integer, 2);
	toml_free(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_of_value_arrives),
		cmocka_unit_test(values_and_keys_know_their_places),
		cmocka_unit_test(keys_keep_the_order_of_the_file),
		cmocka_unit_test(mistakes_are_told_with_their_place),
		cmocka_unit_test(a_header_that_begins_with_no_key_is_refused),
		cmocka_unit_test(broken_utf8_is_refused),
		cmocka_unit_test(nul_character_in_a_string_or_key_is_refused),
		cmocka_unit_test(nesting_without_end_is_refused_not_followed),
		cmocka_unit_test(nesting_as_deep_as_is_allowed_is_followed),
		cmocka_unit_test(empty_texts_are_empty_tables),
		cmocka_unit_test(merging_goes_key_by_key_and_table_by_table),
		cmocka_unit_test(merging_replaces_lists_and_other_types_as_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
