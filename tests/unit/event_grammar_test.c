/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/event_support.h"

#include "sources/perf/events/event.h"
#include "sources/perf/events/grammar.h"

static void parse(const char *text, struct event_spec_list *list)
{
	*list = (struct event_spec_list){0};
	assert_int_equal(grammar_parse(text, list), 0);
}

static void assert_modifiers(const struct event_modifiers *modifiers, const char *expected)
{
	char text[EVENT_MODIFIERS_SIZE];

	grammar_print_modifiers(modifiers, text);
	assert_string_equal(text, expected);
	assert_int_equal(modifiers->given, *expected != '\0');
}

static void assert_name(const char *text, const char *name, const char *modifiers)
{
	struct event_spec_list list;

	parse(text, &list);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.specs[0].text, text);
	assert_string_equal(list.specs[0].name, name);
	assert_false(list.specs[0].is_pmu);
	assert_int_equal(list.specs[0].group, -1);
	assert_modifiers(&list.specs[0].modifiers, modifiers);
	grammar_free(&list);
}

static void splits_modifiers_off_in_both_notations(void **state)
{
	assert_name("cycles", "cycles", "");
	assert_name("cycles:u", "cycles", "u");
	assert_name("cycles:ku", "cycles", "uk");
	assert_name("cycles:ukhGHI", "cycles", "ukhGHI");
	assert_name("instructions:u:k", "instructions", "uk");
	assert_name("INSTRUCTIONS#u", "INSTRUCTIONS", "u");
	assert_name("INSTRUCTIONS#u:k", "INSTRUCTIONS", "uk");
	assert_name("INSTRUCTIONS#uk", "INSTRUCTIONS", "uk");
	assert_name("INSTRUCTIONS#", "INSTRUCTIONS", "");
	assert_name("r412e:k", "r412e", "k");
}

static void leaves_what_is_no_modifier_in_the_name(void **state)
{
	assert_name("RESOURCE_STALLS:ANY", "RESOURCE_STALLS:ANY", "");
	assert_name("skl::MEM_LOAD_RETIRED:L3_MISS:k", "skl::MEM_LOAD_RETIRED:L3_MISS", "k");
	assert_name("RESOURCE_STALLS:ANY:c=1:u", "RESOURCE_STALLS:ANY:c=1", "u");
	assert_name("k::u", "k::u", ""); /* an event called u of a PMU called k */
}

static void reads_pmu_events_with_their_terms(void **state)
{
	struct event_spec_list list;
	struct event_spec *spec;

	parse("cpu/event=0x2e, umask=0x41 ,edge,name=LLC/u", &list);
	spec = &list.specs[0];
	assert_int_equal(list.n, 1);
	assert_true(spec->is_pmu);
	assert_string_equal(spec->name, "cpu");
	assert_int_equal(spec->n_terms, 4);
	assert_string_equal(spec->terms[0].key, "event");
	assert_string_equal(spec->terms[0].value, "0x2e");
	assert_string_equal(spec->terms[1].key, "umask");
	assert_string_equal(spec->terms[1].value, "0x41");
	assert_string_equal(spec->terms[2].key, "edge");
	assert_null(spec->terms[2].value);
	assert_string_equal(spec->terms[3].value, "LLC");
	assert_modifiers(&spec->modifiers, "u");
	grammar_free(&list);
}

static void knows_every_way_to_put_modifiers_on_a_pmu_event(void **state)
{
	static const char *const texts[] = {"msr/tsc/", "msr/tsc/uk", "msr/tsc/:uk", "msr/tsc/#u:k",
	                                    "msr/tsc"};
	static const char *const modifiers[] = {"", "uk", "uk", "uk", ""};

	for (size_t i = 0; i < 5; i++) {
		struct event_spec_list list;

		parse(texts[i], &list);
		assert_int_equal(list.n, 1);
		assert_string_equal(list.specs[0].name, "msr");
		assert_string_equal(list.specs[0].terms[0].key, "tsc");
		assert_modifiers(&list.specs[0].modifiers, modifiers[i]);
		grammar_free(&list);
	}
}

static void tells_groups_apart(void **state)
{
	static const int groups[] = {-1, 0, 0, -1, 1, 1};
	static const char *const names[] = {"a", "b", "cpu", "d", "e", "f"};
	struct event_spec_list list;

	parse("a, {b,cpu/x=1,y=2/k}:u ,d,{ e , f }", &list);
	assert_int_equal(list.n, 6);
	assert_int_equal(list.n_groups, 2);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(list.specs[i].group, groups[i]);
		assert_string_equal(list.specs[i].name, names[i]);
		assert_modifiers(&list.specs[i].group_modifiers, groups[i] == 0 ? "u" : "");
	}
	assert_modifiers(&list.specs[2].modifiers, "k");
	grammar_free(&list);
}

static void goes_on_counting_groups_over_several_items(void **state)
{
	struct event_spec_list list = {0};

	assert_int_equal(grammar_parse("{a}", &list), 0);
	assert_int_equal(grammar_parse("{b,c}#u", &list), 0);
	assert_int_equal(list.n, 3);
	assert_int_equal(list.specs[0].group, 0);
	assert_int_equal(list.specs[1].group, 1);
	assert_int_equal(list.specs[2].group, 1);
	grammar_free(&list);
}

static void refuses_what_is_not_well_written(void **state)
{
	static const char *const bad[] = {
		"",          " ",         ",",         "a,",      ",a",         "a,,b",
		"{a",        "a}",        "{a,{b}}",   "{}",      "{a,}",       "{,a}",
		"{a}x",      "{a}:",      "{a}:x",     "{a}#",    "{a}b,c",     "}{",
		"cpu/a=1,b", "cpu//",     "cpu/a=/",   "cpu/=1/", "cpu/,a/",    "cpu/a,/",
		"/a/",       "cpu/a/x",   "cpu/a/b/",  ".x/a/",   "../x/a/",    "cpu/../",
		"cpu/.a/",   "cycles#x",  "cycles#u:", "#u",      ":u",         "a b",
		"a;b",       "a\nb",      "a\x1b[31m", "a\xff",   "cpu/a\x01/", "{cpu/}/,b}",
		"cycles:",   "cycles#:u", ".",         "..",      "cpu/a b/",   "a$(b)",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct event_spec_list list = {0};
		struct said said;
		int err;

		said_begin(&said);
		err = grammar_parse(bad[i], &list);
		said_end(&said);

		if (err != -EINVAL)
			fail_msg("\"%s\" gives %d", bad[i], err);
		else
			assert_said(&said, "event");
		grammar_free(&list);
	}
}

/* Whatever the bytes: an answer, in time and memory bounded by the text. */
static void survives_hostile_text(void **state)
{
	static const char *const pieces[] = {"{", "}", ",",   "/",   ":",  "#",
	                                     "=", "a", "{a,", "/,/", ":u", "a,"};
	const size_t size = 200000;
	char *text = malloc(size);
	struct said said;

	said_begin(&said);
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		const size_t length = strlen(pieces[i]);
		struct event_spec_list list = {0};

		for (size_t at = 0; at + length < size; at += length) {
			memcpy(text + at, pieces[i], length);
			text[at + length] = '\0';
		}
		grammar_parse(text, &list);
		grammar_free(&list);
	}
	said_end(&said);
	assert_true(strlen(said.text) > 0 && strlen(said.text) < 4000); /* not all of the text */
	free(text);
}

static void survives_random_text(void **state)
{
	static const char alphabet[] = "{{}},,//:#=auk \n-_.1xr";
	struct said said;
	char text[24];

	said_begin(&said);
	srand(1);
	for (int round = 0; round < 3000; round++) {
		struct event_spec_list list = {0};
		struct setting_list items = {0};
		const size_t length = (size_t)rand() % (sizeof(text) - 1);

		for (size_t i = 0; i < length; i++)
			text[i] = alphabet[(size_t)rand() % (sizeof(alphabet) - 1)];
		text[length] = '\0';
		if (grammar_parse(text, &list) == 0) {
			/* What parses as a whole also splits, and as many events come out. */
			struct event_spec_list again = {0};

			assert_int_equal(events_split(text, &items), 0);
			for (size_t i = 0; i < items.n; i++)
				assert_int_equal(grammar_parse(items.items[i].text, &again), 0);
			assert_int_equal(again.n, list.n);
			grammar_free(&again);
		} else {
			events_split(text, &items);
		}
		for (size_t i = 0; i < items.n; i++)
			free(items.items[i].text);
		free(items.items);
		grammar_free(&list);
	}
	said_end(&said);
}

static void splits_a_command_lines_list(void **state)
{
	static const char *const expected[] = {"cycles", "{a,cpu/x=1,y=2/}:u", "cpu/e=1,u=2/k",
	                                       "page-faults"};
	struct setting_list list = {0};

	assert_int_equal(
		events_split("cycles, {a,cpu/x=1,y=2/}:u,cpu/e=1,u=2/k ,page-faults", &list), 0);
	assert_true(list.is_set);
	assert_int_equal(list.n, 4);
	for (size_t i = 0; i < list.n; i++) {
		assert_string_equal(list.items[i].text, expected[i]);
		assert_null(list.items[i].rename);
		free(list.items[i].text);
	}
	free(list.items);
}

static void does_not_split_what_does_not_match(void **state)
{
	static const char *const bad[] = {"", "a,", "a,,b", "{a,b", "a},b", "cpu/a,b"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct setting_list list = {0};
		struct said said;

		said_begin(&said);
		assert_int_equal(events_split(bad[i], &list), -EINVAL);
		said_end(&said);
		assert_said(&said, "event");
		for (size_t item = 0; item < list.n; item++)
			free(list.items[item].text);
		free(list.items);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_modifiers_off_in_both_notations),
		cmocka_unit_test(leaves_what_is_no_modifier_in_the_name),
		cmocka_unit_test(reads_pmu_events_with_their_terms),
		cmocka_unit_test(knows_every_way_to_put_modifiers_on_a_pmu_event),
		cmocka_unit_test(tells_groups_apart),
		cmocka_unit_test(goes_on_counting_groups_over_several_items),
		cmocka_unit_test(refuses_what_is_not_well_written),
		cmocka_unit_test(survives_hostile_text),
		cmocka_unit_test(survives_random_text),
		cmocka_unit_test(splits_a_command_lines_list),
		cmocka_unit_test(does_not_split_what_does_not_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
