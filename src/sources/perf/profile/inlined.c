/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/inlined.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/demangle.h"

/* Longer names of functions are truncated; those of C++ can have some thousand bytes. */
#define NAME_MAX_BYTES 4096

/*
 * Reading the debugging information of the largest programs takes seconds; fetching it takes
 * minutes.
 */
#define SECONDS_TO_READ 20
#define SECONDS_TO_FETCH 300

int function_intern(struct strings *strings, const char *symbol, uint32_t *number)
{
	char *name = strnlen(symbol, NAME_MAX_BYTES) < NAME_MAX_BYTES
	                     ? demangle(symbol)
	                     : strndup(symbol, NAME_MAX_BYTES);

	*number = NO_STRING;
	if (name) {
		name[strnlen(name, NAME_MAX_BYTES)] = '\0';
		*number = strings_intern(strings, name);
	}
	free(name);
	return *number == NO_STRING ? -ENOMEM : 0;
}

bool inlined_may_fetch(void)
{
	const char *urls = getenv("DEBUGINFOD_URLS");

	return urls && *urls;
}

void inlined_fini(struct inlined *inlined)
{
	free(inlined->places);
	free(inlined->functions);
	*inlined = (struct inlined){.n = 0};
}

int inlined_add(struct inlined *inlined, uint32_t binary, uint64_t address)
{
	if (inlined->n == inlined->capacity) {
		const size_t room = inlined->capacity ? 2 * inlined->capacity : 256;
		struct inlined_place *grown = reallocarray(inlined->places, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		inlined->places = grown;
		inlined->capacity = room;
	}
	inlined->places[inlined->n++] =
		(struct inlined_place){.binary = binary, .address = address};
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct inlined_place *x = a, *y = b;

	if (x->binary != y->binary)
		return x->binary < y->binary ? -1 : 1;
	return x->address < y->address ? -1 : x->address > y->address;
}

static void sort(struct inlined *inlined)
{
	size_t n = 0;

	if (inlined->n > 0)
		qsort(inlined->places, inlined->n, sizeof(*inlined->places), compare);
	for (size_t i = 0; i < inlined->n; i++) {
		if (n == 0 || compare(&inlined->places[n - 1], &inlined->places[i]) != 0)
			inlined->places[n++] = inlined->places[i];
	}
	inlined->n = n;
}

/* --- questions and answers -------------------------------------------------------------------- */

struct asking {
	struct inlined *inlined;
	struct strings *strings;
	struct debug_question *questions;
	size_t n;
	size_t *first; /* index of each question's first place */
	uint64_t *addresses;
};

static int take(void *data, size_t question, size_t address, const char *const *names, size_t n)
{
	struct asking *asking = data;
	struct inlined *inlined = asking->inlined;
	struct inlined_place *place = &inlined->places[asking->first[question] + address];

	if (place->n > 0)
		return 0; /* answered before */
	place->first = (uint32_t)inlined->n_functions;
	for (size_t i = 0; i < n; i++) {
		uint32_t number;

		if (function_intern(asking->strings, names[i], &number))
			return -ENOMEM;
		if (inlined->n_functions == inlined->functions_capacity) {
			const size_t room = inlined->functions_capacity
			                            ? 2 * inlined->functions_capacity
			                            : 1024;
			uint32_t *grown =
				reallocarray(inlined->functions, room, sizeof(*grown));

			if (!grown)
				return -ENOMEM;
			inlined->functions = grown;
			inlined->functions_capacity = room;
		}
		inlined->functions[inlined->n_functions++] = number;
	}
	place->n = (uint32_t)n;
	return 0;
}

/* Make a question for each binary; the places are sorted. */
static void make_questions(struct asking *asking, const struct images *images)
{
	const struct inlined *inlined = asking->inlined;

	for (size_t i = 0; i < inlined->n; i++) {
		const uint32_t number = inlined->places[i].binary;
		const struct binary *binary = &images->binaries[number];

		asking->addresses[i] = inlined->places[i].address;
		if (i == 0 || inlined->places[i - 1].binary != number) {
			asking->first[asking->n] = i;
			asking->questions[asking->n++] = (struct debug_question){
				.path = binary->path,
				.fd = binary->fd,
				.build_id = binary->has_build_id ? binary->build_id : NULL,
				.addresses = &asking->addresses[i],
			};
		}
		asking->questions[asking->n - 1].n++;
	}
}

int inlined_ask(struct inlined *inlined, const struct images *images, struct strings *strings,
                const char *debug_root)
{
	const unsigned int seconds = inlined_may_fetch() ? SECONDS_TO_FETCH : SECONDS_TO_READ;
	struct asking asking = {.inlined = inlined, .strings = strings};
	int err = -ENOMEM;

	inlined->outcome = DEBUG_ALL;
	if (inlined->n == 0)
		return 0;
	sort(inlined);
	asking.questions = calloc(inlined->n, sizeof(*asking.questions));
	asking.first = calloc(inlined->n, sizeof(*asking.first));
	asking.addresses = calloc(inlined->n, sizeof(*asking.addresses));
	if (asking.questions && asking.first && asking.addresses) {
		make_questions(&asking, images);
		err = debug_info_ask(asking.questions, asking.n, debug_root, seconds, take, &asking,
		                     &inlined->outcome);
	}
	free(asking.questions);
	free(asking.first);
	free(asking.addresses);
	return err;
}

const uint32_t *inlined_find(const struct inlined *inlined, uint32_t binary, uint64_t address,
                             size_t *n)
{
	const struct inlined_place key = {.binary = binary, .address = address};
	const struct inlined_place *found =
		inlined->n > 0 ? bsearch(&key, inlined->places, inlined->n, sizeof(key), compare)
			       : NULL;

	if (!found || found->n == 0)
		return NULL;
	*n = found->n;
	return &inlined->functions[found->first];
}
