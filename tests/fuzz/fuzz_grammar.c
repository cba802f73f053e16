/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Events as they are written: what was taken apart means the same when it stands alone. */
#include "fuzz.h"

#include "sources/perf/events/event.h"
#include "sources/perf/events/grammar.h"
#include "sources/perf/events/pmu_format.h"

static void require_same_terms(const struct event_spec *a, const struct event_spec *b)
{
	REQUIRE(a->n_terms == b->n_terms);
	for (size_t i = 0; i < a->n_terms; i++) {
		REQUIRE(!strcmp(a->terms[i].key, b->terms[i].key));
		REQUIRE(!a->terms[i].value == !b->terms[i].value);
		if (a->terms[i].value)
			REQUIRE(!strcmp(a->terms[i].value, b->terms[i].value));
	}
}

static void require_same(const struct event_spec *a, const struct event_spec *b)
{
	char a_modifiers[EVENT_MODIFIERS_SIZE], b_modifiers[EVENT_MODIFIERS_SIZE];

	REQUIRE(!strcmp(a->text, b->text));
	REQUIRE(!strcmp(a->plain, b->plain));
	REQUIRE(!strcmp(a->name, b->name));
	REQUIRE(a->is_pmu == b->is_pmu);
	require_same_terms(a, b);
	grammar_print_modifiers(&a->modifiers, a_modifiers);
	grammar_print_modifiers(&b->modifiers, b_modifiers);
	REQUIRE(!strcmp(a_modifiers, b_modifiers));
}

/* Every event of a text, whole in itself, is the same event when it is read alone. */
static void read_events(const char *text)
{
	struct event_spec_list list = {0}, alone;

	if (!grammar_parse(text, &list)) {
		REQUIRE(list.n > 0);
		for (size_t i = 0; i < list.n; i++) {
			const struct event_spec *spec = &list.specs[i];

			REQUIRE(*spec->text && *spec->name && *spec->plain);
			REQUIRE(spec->is_pmu ? spec->n_terms > 0 : spec->n_terms == 0);
			REQUIRE(spec->group >= -1 && spec->group < list.n_groups);
			alone = (struct event_spec_list){0};
			REQUIRE(!grammar_parse(spec->text, &alone));
			REQUIRE(alone.n == 1);
			require_same(spec, &alone.specs[0]);
			grammar_free(&alone);
		}
	}
	grammar_free(&list);
}

static void split(const char *text)
{
	struct setting_list items = {0};
	size_t length = 0;

	if (!events_split(text, &items))
		REQUIRE(items.n > 0);
	for (size_t i = 0; i < items.n; i++)
		length += strlen(items.items[i].text);
	REQUIRE(length <= strlen(text));
	for (size_t i = 0; i < items.n; i++) {
		free(items.items[i].text);
		free(items.items[i].rename);
	}
	free(items.items);
}

/* What a PMU's format files may hold, and values into the bits that they name. */
static void place(const char *text, uint64_t value)
{
	unsigned int word = 99;
	uint64_t bits = 0, config = 0;

	if (pmu_parse_format(text, &word, &bits))
		return;
	REQUIRE(word < 99 && bits);
	if (!pmu_place(&config, bits, value)) {
		REQUIRE((config & ~bits) == 0);
		REQUIRE(__builtin_popcountll(config) == __builtin_popcountll(value));
	}
	config = ~0ULL;
	if (!pmu_place(&config, bits, 0))
		REQUIRE(config == ~bits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	char *text = take_rest(&input);
	struct event_term *terms = NULL;
	size_t n_terms = 0;

	read_events(text);
	split(text);
	if (!grammar_parse_terms(text, text, &terms, &n_terms))
		grammar_free_terms(terms, n_terms);
	place(text, size);
	free(text);
	return 0;
}
