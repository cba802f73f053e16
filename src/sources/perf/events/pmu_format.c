/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/pmu_format.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "sources/perf/events/alias.h"
#include "sources/perf/events/pmu_explain.h"

/* perf_event_attr's config, config1, config2. */
#define N_WORDS 3

/* Longest line of a format or events file that is accepted; the kernel's are below 200. */
#define LINE_SIZE 4096

/* An event while its terms are encoded. */
struct encoding {
	const struct pmu_list *list;
	const struct pmu *pmu;
	const char *of;                 /* the event as written */
	const struct event_term *terms; /* as written */
	size_t n_terms;
	uint64_t words[N_WORDS];
	bool is_generic; /* a generic event of a core PMU: type and config are in generic */
	struct alias generic;
};

static bool parse_number(const char *text, uint64_t *value)
{
	const bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end;

	if (hex)
		text += 2;
	if (hex ? !isxdigit((unsigned char)*text) : !isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*value = strtoull(text, &end, hex ? 16 : 10);
	return *end == '\0' && errno == 0;
}

/* Parse "8-15" or "21", and add the bits; *text moves past them. */
static int parse_bits(const char **text, uint64_t *bits)
{
	unsigned long first, last;
	char *end;

	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	first = last = strtoul(*text, &end, 10);
	if (*end == '-') {
		if (!isdigit((unsigned char)end[1]))
			return -EINVAL;
		last = strtoul(end + 1, &end, 10);
	}
	if (last > 63 || first > last)
		return -EINVAL;
	for (unsigned long bit = first; bit <= last; bit++)
		*bits |= UINT64_C(1) << bit;
	*text = end;
	return 0;
}

int pmu_parse_format(const char *text, unsigned int *word, uint64_t *bits)
{
	static const char *const words[N_WORDS] = {"config:", "config1:", "config2:"};

	*bits = 0;
	for (*word = 0; *word < N_WORDS; (*word)++) {
		if (strncmp(text, words[*word], strlen(words[*word])) == 0)
			break;
	}
	if (*word == N_WORDS)
		return -EINVAL;
	text += strlen(words[*word]);
	for (;; text++) {
		int err = parse_bits(&text, bits);

		if (err)
			return err;
		if (*text == '\0')
			return 0;
		if (*text != ',')
			return -EINVAL;
	}
}

int pmu_place(uint64_t *config, uint64_t bits, uint64_t value)
{
	uint64_t placed = 0;

	for (uint64_t rest = bits; rest; rest &= rest - 1) {
		if (value & 1)
			placed |= rest & -rest;
		value >>= 1;
	}
	if (value)
		return -ERANGE;
	*config = (*config & ~bits) | placed;
	return 0;
}

/* The largest value that fits into the bits. */
static uint64_t capacity(uint64_t bits)
{
	uint64_t most = 0;

	for (; bits; bits &= bits - 1)
		most = most << 1 | 1;
	return most;
}

/* Encode a term of format/. Returns 1 if it is none. */
static int place_format(struct encoding *enc, const struct event_term *term)
{
	char line[LINE_SIZE];
	unsigned int word;
	uint64_t bits, value = 1;
	int err = pmu_read(enc->list, enc->pmu, "format", term->key, line, sizeof(line));

	if (err == -ENOENT)
		return 1;
	if (!err)
		err = pmu_parse_format(line, &word, &bits);
	if (err) {
		return log_errno(
			err,
			"event \"%s\": the PMU %s describes its term %s in a way that is not "
			"understood (format/%s): %s",
			enc->of, enc->pmu->name, term->key, term->key,
			err == -EINVAL ? line : strerror(-err));
	}
	if (term->value && !parse_number(term->value, &value)) {
		return log_errno(-EINVAL,
		                 "event \"%s\": %s=%s is not a 64-bit number (decimal, or "
		                 "hexadecimal after 0x)",
		                 enc->of, term->key, term->value);
	}
	if (pmu_place(&enc->words[word], bits, value) != 0) {
		return log_errno(-EINVAL,
		                 "event \"%s\": %s=%s is too large: it goes up to 0x%" PRIx64
		                 " on the PMU %s",
		                 enc->of, term->key, term->value, capacity(bits), enc->pmu->name);
	}
	return 0;
}

/* Encode "config=0x1234", "config1=…", or "r1234" for config. Returns 1 if it is none of these. */
static int place_whole_word(struct encoding *enc, const struct event_term *term)
{
	static const char *const words[N_WORDS] = {"config", "config1", "config2"};

	if (!term->value && term->key[0] == 'r' && isxdigit((unsigned char)term->key[1])) {
		const char *digits = term->key + 1;
		char *end;

		errno = 0;
		enc->words[0] = strtoull(digits, &end, 16);
		return *end ? 1 : errno ? -errno : 0;
	}
	for (size_t i = 0; i < N_WORDS && term->value; i++) {
		if (strcmp(term->key, words[i]) != 0)
			continue;
		if (parse_number(term->value, &enc->words[i]))
			return 0;
		return log_errno(-EINVAL, "event \"%s\": %s=%s is not a 64-bit number", enc->of,
		                 term->key, term->value);
	}
	return 1;
}

/* Whether the user gave a value, as a term, that an event's file leaves open: "core=?". */
static bool is_given(const struct encoding *enc, const char *key)
{
	for (size_t i = 0; i < enc->n_terms; i++) {
		if (enc->terms[i].value && strcmp(enc->terms[i].key, key) == 0)
			return true;
	}
	return false;
}

static int place_event_terms(struct encoding *enc, const char *event,
                             const struct event_term *terms, size_t n_terms)
{
	for (size_t i = 0; i < n_terms; i++) {
		const bool is_open = terms[i].value && strcmp(terms[i].value, "?") == 0;
		int err = 0;

		if (is_open && !is_given(enc, terms[i].key)) {
			return log_errno(-EINVAL,
			                 "event \"%s\": %s needs the term %s=VALUE as well",
			                 enc->of, event, terms[i].key);
		}
		if (!is_open)
			err = place_format(enc, &terms[i]);
		if (err == 1)
			err = place_whole_word(enc, &terms[i]);
		if (err == 1) {
			log_error("event \"%s\": events/%s of the PMU %s uses the term %s, which "
			          "the PMU does not describe",
			          enc->of, event, enc->pmu->name, terms[i].key);
			err = -EINVAL;
		}
		if (err)
			return err;
	}
	return 0;
}

/* Encode an event of events/. Returns 1 if it is none. */
static int place_event(struct encoding *enc, const char *event)
{
	char line[LINE_SIZE];
	struct event_term *terms;
	size_t n_terms;
	int err = pmu_read(enc->list, enc->pmu, "events", event, line, sizeof(line));

	if (err == -ENOENT)
		return 1;
	if (err) {
		return log_errno(err, "event \"%s\": cannot read events/%s of the PMU %s: %s",
		                 enc->of, event, enc->pmu->name, strerror(-err));
	}
	err = grammar_parse_terms(line, enc->of, &terms, &n_terms);
	if (err)
		return err;
	err = place_event_terms(enc, event, terms, n_terms);
	grammar_free_terms(terms, n_terms);
	return err;
}

/* Encode "cpu_core/cycles/". Returns 1 if it is not a generic event, or not the only term. */
static int place_generic(struct encoding *enc, const char *name)
{
	size_t others = 0;

	for (size_t i = 0; i < enc->n_terms; i++)
		others += strcmp(enc->terms[i].key, "name") != 0;
	if (!enc->pmu->is_core || others != 1 || !alias_find(name, &enc->generic) ||
	    enc->generic.type == PERF_TYPE_SOFTWARE)
		return 1;
	enc->is_generic = true;
	return 0;
}

/*
 * Encode a term; as in perf, events precede terms of the same name. Returns 1 if there is neither.
 */
static int place_term(struct encoding *enc, const struct event_term *term)
{
	int err = 1;

	if (strcmp(term->key, "name") == 0 && term->value)
		return 0;
	if (!term->value)
		err = place_event(enc, term->key);
	if (err == 1)
		err = place_format(enc, term);
	if (err == 1)
		err = place_whole_word(enc, term);
	if (err == 1 && !term->value)
		err = place_generic(enc, term->key);
	return err;
}

int pmu_encode(const struct pmu_list *list, const struct pmu *pmu, const char *of,
               const struct event_term *terms, size_t n_terms, struct perf_event_attr *attr)
{
	struct encoding enc = {
		.list = list,
		.pmu = pmu,
		.of = of,
		.terms = terms,
		.n_terms = n_terms,
	};

	for (size_t i = 0; i < n_terms; i++) {
		int err = place_term(&enc, &terms[i]);

		if (err == 1)
			return pmu_explain_term(list, pmu, of, terms[i].key);
		if (err)
			return err;
	}
	attr->type = pmu->type;
	attr->config = enc.words[0];
	attr->config1 = enc.words[1];
	attr->config2 = enc.words[2];
	if (enc.is_generic) {
		attr->type = enc.generic.type;
		attr->config = enc.generic.config;
	}
	return 0;
}
