/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Durations and sizes: what is read can be written and read again, and adds up. */
#include "fuzz.h"

#include "core/duration.h"

/* A text that was a duration is one with a further part, which is added. */
static void require_sum(const char *text, uint64_t ns)
{
	char *longer = malloc(strlen(text) + sizeof(" 1ns"));
	const char *why;
	uint64_t sum;

	if (!longer)
		abort();
	strcpy(longer, text);
	strcat(longer, " 1ns");
	if (ns < UINT64_MAX && strcmp(text, "0")) {
		REQUIRE(!duration_parse(longer, &sum, &why));
		REQUIRE(sum == ns + 1);
	}
	free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	char *text = take_rest(&input);
	const char *why = NULL;
	uint64_t value, again;
	char printed[32];

	if (!duration_parse(text, &value, &why)) {
		snprintf(printed, sizeof(printed), "%lluns", (unsigned long long)value);
		REQUIRE(!duration_parse(printed, &again, &why) && again == value);
		require_sum(text, value);
	} else {
		REQUIRE(why && *why);
	}
	why = NULL;
	if (!size_parse(text, &value, &why)) {
		snprintf(printed, sizeof(printed), "%llu", (unsigned long long)value);
		REQUIRE(!size_parse(printed, &again, &why) && again == value);
	} else {
		REQUIRE(why && *why);
	}
	free(text);
	return 0;
}
