/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/grammar.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "sources/perf/events/event.h"
#include "sources/perf/events/grammar_modifiers.h"

/* A message repeats at most this many characters of a text. */
#define SHOWN 200

#define EMPTY_PLACE "an event is missing: check the commas and braces"

/*
 * Whether the text is a name of an event, a PMU or a term. further: additional characters that are
 * allowed. A leading dot is not, because it could leave the directory in sysfs.
 */
static bool is_name(const char *text, const char *further)
{
	if (!isalnum((unsigned char)*text) && *text != '_')
		return false;
	for (; *text; text++) {
		if (!isalnum((unsigned char)*text) && !strchr("_-.+@", *text) &&
		    !strchr(further, *text))
			return false;
	}
	return true;
}

static char *copy_trimmed(const char *text, size_t length)
{
	while (length > 0 && isspace((unsigned char)*text)) {
		text++;
		length--;
	}
	while (length > 0 && isspace((unsigned char)text[length - 1]))
		length--;
	return strndup(text, length);
}

/*
 * Make room for one more in an array of n: its capacity is n rounded up to a power of two, so it
 * grows by doubling. Returns the array, which may have moved, or NULL if out of memory.
 */
static void *grow(void *array, size_t n, size_t size)
{
	if (n > 0 && (n & (n - 1)) != 0)
		return array;
	return reallocarray(array, n > 0 ? 2 * n : 1, size);
}

/*
 * The length of the first event in a list separated by commas: up to the first comma outside of
 * braces and slashes, or to the end. Sets *problem to a message if braces or slashes do not match,
 * else to NULL.
 */
static size_t item_length(const char *text, const char **problem)
{
	bool in_slashes = false, comma_in_slashes = false;
	unsigned int depth = 0;
	size_t i;

	*problem = NULL;
	for (i = 0; text[i]; i++) {
		if (text[i] == '/') {
			in_slashes = !in_slashes;
			comma_in_slashes = false;
		} else if (text[i] == ',' && in_slashes) {
			comma_in_slashes = true;
		} else if (text[i] == '{' && !in_slashes) {
			if (depth++ > 0)
				*problem = "a group cannot hold a group";
		} else if (text[i] == '}' && !in_slashes) {
			if (depth == 0)
				*problem = "a '}' without its '{'";
			else
				depth--;
		} else if (text[i] == ',' && depth == 0) {
			break;
		}
	}
	if (depth > 0)
		*problem = "a '{' without its '}'";
	/* A single term needs no second slash: "cpu_core/INSTRUCTIONS". */
	if (comma_in_slashes)
		*problem = "a '/' without the one that ends the terms";
	return i;
}

static int add_term(struct event_term **terms, size_t *n, const char *text, size_t length,
                    const char *of)
{
	struct event_term *grown = grow(*terms, *n, sizeof(**terms));
	struct event_term *term;
	const char *equals = memchr(text, '=', length);

	if (!grown)
		return -ENOMEM;
	*terms = grown;
	term = &grown[*n];
	term->key = copy_trimmed(text, equals ? (size_t)(equals - text) : length);
	term->value =
		equals ? copy_trimmed(equals + 1, length - (size_t)(equals + 1 - text)) : NULL;
	(*n)++;
	if (!term->key || (equals && !term->value))
		return -ENOMEM;

	if (*term->key == '\0') {
		return log_errno(
			-EINVAL,
			"event \"%.*s\": a term is missing between the slashes and commas; "
			"written for example msr/tsc/",
			SHOWN, of);
	}
	if (!is_name(term->key, "")) {
		return log_errno(-EINVAL, "event \"%.*s\": \"%.*s\" is not the name of a term",
		                 SHOWN, of, SHOWN, term->key);
	}
	if (equals && *term->value == '\0') {
		return log_errno(-EINVAL,
		                 "event \"%.*s\": the term \"%.*s\" has no value after its '='",
		                 SHOWN, of, SHOWN, term->key);
	}
	return 0;
}

int grammar_parse_terms(const char *text, const char *of, struct event_term **terms,
                        size_t *n_terms)
{
	int err = 0;

	*terms = NULL;
	*n_terms = 0;
	for (;;) {
		const size_t length = strcspn(text, ",");

		err = add_term(terms, n_terms, text, length, of);
		if (err || text[length] == '\0')
			break;
		text += length + 1;
	}
	if (err) {
		grammar_free_terms(*terms, *n_terms);
		*terms = NULL;
		*n_terms = 0;
	}
	return err;
}

void grammar_free_terms(struct event_term *terms, size_t n_terms)
{
	for (size_t i = 0; i < n_terms; i++) {
		free(terms[i].key);
		free(terms[i].value);
	}
	free(terms);
}

/* Parse "cpu/event=0x2e/u": modifiers follow the second slash, with or without ':'. */
static int parse_pmu(struct event_spec *spec, char *slash)
{
	char *end = strchr(slash + 1, '/');
	int err;

	*slash = '\0';
	spec->is_pmu = true;
	if (end) {
		char *modifiers = end + 1;

		*end = '\0';
		if (*modifiers == ':')
			modifiers++;
		if (*modifiers && !modifiers_parse(modifiers, &spec->modifiers)) {
			return log_errno(-EINVAL,
			                 "event \"%.*s\": \"%.*s\" after the last slash are not "
			                 "modifiers; known are %s",
			                 SHOWN, spec->text, SHOWN, modifiers, MODIFIERS_HELP);
		}
	}
	if (!is_name(spec->name, "")) {
		return log_errno(
			-EINVAL,
			"event \"%.*s\": \"%.*s\" before the slash is not the name of a PMU", SHOWN,
			spec->text, SHOWN, spec->name);
	}
	err = grammar_parse_terms(slash + 1, spec->text, &spec->terms, &spec->n_terms);
	return err;
}

/* Why a text is not a name. */
static const char *what_is_wrong(const char *name)
{
	size_t length = strlen(name);

	if (strpbrk(name, " \t\n"))
		return "there is a blank in it; events are separated by commas";
	if (strpbrk(name, "*?["))
		return "patterns are not understood; name each event";
	if (length > 0 && name[length - 1] == ':')
		return "nothing follows the ':'";
	return "it may have letters, digits, '_', '-', '.' and ':'";
}

/*
 * Parse "cycles:u": the last parts are modifiers, as far as they are valid. A ':' may also be
 * libpfm's.
 */
static int parse_name(struct event_spec *spec)
{
	size_t length = strlen(spec->name);
	char *colon;

	while ((colon = memrchr(spec->name, ':', length)) != NULL && colon > spec->name &&
	       colon[-1] != ':' && modifiers_parse(colon + 1, &spec->modifiers)) {
		*colon = '\0';
		length = (size_t)(colon - spec->name);
	}
	/* "skl::MEM_LOAD_RETIRED:L3_MISS:c=1" is libpfm's. */
	if (!is_name(spec->name, ":=") || spec->name[strlen(spec->name) - 1] == ':') {
		return log_errno(-EINVAL, "event \"%.*s\": not an event's name: %s", SHOWN,
		                 spec->text, what_is_wrong(spec->name));
	}
	return 0;
}

static int parse_event(struct event_spec *spec, const char *text, size_t length)
{
	char *hash, *slash;

	spec->text = copy_trimmed(text, length);
	if (!spec->text)
		return -ENOMEM;
	if (strlen(spec->text) > EVENT_TEXT_MAX) {
		return log_errno(-EINVAL, "event \"%.*s...\": longer than %d characters", SHOWN,
		                 spec->text, EVENT_TEXT_MAX);
	}
	if (*spec->text == '\0')
		return log_errno(-EINVAL, "events: " EMPTY_PLACE);
	hash = strchr(spec->text, '#');
	spec->plain =
		copy_trimmed(spec->text, hash ? (size_t)(hash - spec->text) : strlen(spec->text));
	spec->name = spec->plain ? strdup(spec->plain) : NULL;
	if (!spec->name)
		return -ENOMEM;
	if (hash && !modifiers_parse_alumet(hash + 1, &spec->modifiers)) {
		return log_errno(
			-EINVAL,
			"event \"%.*s\": \"%.*s\" after the '#' are not modifiers; known are %s",
			SHOWN, spec->text, SHOWN, hash + 1, MODIFIERS_HELP);
	}
	slash = strchr(spec->name, '/');
	return slash ? parse_pmu(spec, slash) : parse_name(spec);
}

static int add_event(struct event_spec_list *list, const char *text, size_t length, int group)
{
	struct event_spec *grown = grow(list->specs, list->n, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->specs = grown;
	grown[list->n] = (struct event_spec){.group = group};
	return parse_event(&grown[list->n++], text, length);
}

/* Parse "{a,b}:u", whose braces are known to match. */
static int add_group(struct event_spec_list *list, const char *text, size_t length)
{
	const char *close = memchr(text, '}', length);
	const size_t first = list->n;
	struct event_modifiers modifiers = {0};
	char *rest = copy_trimmed(close + 1, length - (size_t)(close + 1 - text));
	bool good;
	int err = 0;

	if (!rest)
		return -ENOMEM;
	good = *rest == '\0' || (*rest == ':' && modifiers_parse(rest + 1, &modifiers)) ||
	       (*rest == '#' && rest[1] && modifiers_parse_alumet(rest + 1, &modifiers));
	if (!good)
		log_error("events: \"%.*s\" after a group's '}' are not modifiers; known are %s",
		          SHOWN, rest, MODIFIERS_HELP);
	free(rest);
	if (!good)
		return -EINVAL;

	for (text++; !err; text++) {
		const char *problem;
		size_t item = item_length(text, &problem);

		/* The last event is followed by "}…", which looks like an unmatched brace. */
		if (item > (size_t)(close - text))
			item = (size_t)(close - text);
		err = add_event(list, text, item, list->n_groups);
		text += item;
		if (text == close)
			break;
	}
	list->n_groups++;
	for (size_t i = first; i < list->n; i++)
		list->specs[i].group_modifiers = modifiers;
	return err;
}

int grammar_parse(const char *text, struct event_spec_list *list)
{
	for (;; text++) {
		const char *problem;
		const size_t length = item_length(text, &problem);
		size_t blanks = 0;
		int err;

		if (problem)
			return log_errno(-EINVAL, "events \"%.*s\": %s", SHOWN, text, problem);
		while (blanks < length && isspace((unsigned char)text[blanks]))
			blanks++;
		if (text[blanks] == '{')
			err = add_group(list, text + blanks, length - blanks);
		else
			err = add_event(list, text, length, -1);
		if (err)
			return err;
		text += length;
		if (*text == '\0')
			return 0;
	}
}

void grammar_free(struct event_spec_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->specs[i].text);
		free(list->specs[i].plain);
		free(list->specs[i].name);
		grammar_free_terms(list->specs[i].terms, list->specs[i].n_terms);
	}
	free(list->specs);
	*list = (struct event_spec_list){0};
}

int events_split(const char *text, struct setting_list *list)
{
	const char *const all = text;

	for (;; text++) {
		const char *problem;
		const size_t length = item_length(text, &problem);
		struct setting_item *grown;
		char *item;

		if (problem)
			return log_errno(-EINVAL, "events \"%.*s\": %s", SHOWN, text, problem);
		item = copy_trimmed(text, length);
		grown = item ? grow(list->items, list->n, sizeof(*grown)) : NULL;
		if (!grown) {
			free(item);
			return -ENOMEM;
		}
		list->items = grown;
		list->is_set = true;
		grown[list->n++] = (struct setting_item){.text = item};
		if (*item == '\0')
			return log_errno(-EINVAL, "events \"%.*s\": " EMPTY_PLACE, SHOWN, all);
		text += length;
		if (*text == '\0')
			return 0;
	}
}
