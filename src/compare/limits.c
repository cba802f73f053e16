/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "compare/limits.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/amount.h"
#include "core/log.h"

static int refuse(const char *text)
{
	log_error("--fail-above '%s': write a share, of CPU time: 5%%, or of several quantities: "
	          "cpu=5%%,wall=10%%",
	          text);
	return -EINVAL;
}

/* Parse one "name=5%" or "5%" of n bytes. */
static bool parse_one(const char *at, size_t n, struct limit *limit)
{
	const char *equals = memchr(at, '=', n);
	const char *number = equals ? equals + 1 : at;
	const char *name = equals ? at : "cpu";
	const size_t length = equals ? (size_t)(equals - at) : 3;
	char *end;

	if (length == 0 || length >= sizeof(limit->name) || number == at + n ||
	    !strchr("0123456789.", *number))
		return false;
	memcpy(limit->name, name, length);
	limit->name[length] = '\0';
	limit->share = strtod(number, &end) / 100;
	if (end < at + n && *end == '%')
		end++;
	return end == at + n && isfinite(limit->share);
}

int limits_parse(const char *text, struct limits *limits)
{
	*limits = (struct limits){.n = 0};
	for (const char *at = text; at;) {
		const size_t n = strcspn(at, ",");

		if (limits->n == LIMITS_MAX || !parse_one(at, n, &limits->items[limits->n++]))
			return refuse(text);
		at = at[n] ? at + n + 1 : NULL;
	}
	return 0;
}

static const struct test *find_test(const char *name, const struct verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts_commands(verdicts); i++) {
		if (strcmp(verdicts->tests[i].quantity->name, name) == 0)
			return &verdicts->tests[i];
	}
	return NULL;
}

static void say_names(const char *name, const struct verdicts *verdicts)
{
	struct text names = {.n = 0};

	for (size_t i = 0; i < verdicts_commands(verdicts); i++)
		add_formatted(&names, "%s%s", i ? ", " : "", verdicts->tests[i].quantity->name);
	log_error("--fail-above: %s is not in the files of both sides, which have %.*s", name,
	          (int)names.n, names.n ? names.data : "");
	text_fini(&names);
}

static int check(const struct limit *limit, const struct test *test)
{
	const double ratio = test_ratio(test);
	char text[AMOUNT_SIZE], needed[64];

	if (!(ratio > limit->share))
		return 0;
	if (test->verdict == VERDICT_SAME) {
		snprintf(needed, sizeof(needed), "; %zu runs on each side would decide it",
		         test->needed);
		log_warn("%s: %s is above the limit of %g %%, but that may be noise%s", limit->name,
		         percent(ratio, text), 100 * limit->share, test->needed ? needed : "");
		return 0;
	}
	if (test_is_within_estimates(test)) {
		log_warn("%s: %s is above the limit of %g %%, but within what is estimated of it",
		         limit->name, percent(ratio, text), 100 * limit->share);
		return 0;
	}
	log_error("%s: %s is above the limit of %g %%%s", limit->name, percent(ratio, text),
	          100 * limit->share,
	          test->verdict == VERDICT_UNKNOWN
	                  ? " (a side has one run: whether this is noise is not known)"
	                  : "");
	return 1;
}

int limits_check(const struct limits *limits, const struct verdicts *verdicts)
{
	int result = 0;

	for (size_t i = 0; i < limits->n; i++) {
		const struct test *test = find_test(limits->items[i].name, verdicts);

		if (!test) {
			say_names(limits->items[i].name, verdicts);
			return -EINVAL;
		}
		result |= check(&limits->items[i], test);
	}
	return result;
}
