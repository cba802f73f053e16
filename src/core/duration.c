/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/duration.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "core/clock.h"

struct unit_name {
	const char *name;
	uint64_t scale;
};

#define MINUTE (60 * NSEC_PER_SEC)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const struct unit_name duration_units[] = {
	{"ns", 1},
	{"nsec", 1},
	{"nanos", 1},
	{"us", 1000},
	{"usec", 1000},
	{"\xc2\xb5s", 1000}, /* µs, U+00B5 */
	{"\xce\xbcs", 1000}, /* μs, U+03BC */
	{"ms", NSEC_PER_MSEC},
	{"msec", NSEC_PER_MSEC},
	{"millis", NSEC_PER_MSEC},
	{"s", NSEC_PER_SEC},
	{"sec", NSEC_PER_SEC},
	{"secs", NSEC_PER_SEC},
	{"second", NSEC_PER_SEC},
	{"seconds", NSEC_PER_SEC},
	{"m", MINUTE},
	{"min", MINUTE},
	{"mins", MINUTE},
	{"minute", MINUTE},
	{"minutes", MINUTE},
	{"h", HOUR},
	{"hr", HOUR},
	{"hrs", HOUR},
	{"hour", HOUR},
	{"hours", HOUR},
	{"d", DAY},
	{"day", DAY},
	{"days", DAY},
	{"w", 7 * DAY},
	{"wk", 7 * DAY},
	{"wks", 7 * DAY},
	{"week", 7 * DAY},
	{"weeks", 7 * DAY},
	{"M", 2630016 * NSEC_PER_SEC}, /* 30.44 days */
	{"month", 2630016 * NSEC_PER_SEC},
	{"months", 2630016 * NSEC_PER_SEC},
	{"y", 31557600 * NSEC_PER_SEC}, /* 365.25 days */
	{"yr", 31557600 * NSEC_PER_SEC},
	{"yrs", 31557600 * NSEC_PER_SEC},
	{"year", 31557600 * NSEC_PER_SEC},
	{"years", 31557600 * NSEC_PER_SEC},
	{NULL, 0},
};

static const struct unit_name size_units[] = {
	{"B", 1},
	{"k", 1ULL << 10},
	{"M", 1ULL << 20},
	{"G", 1ULL << 30},
	{"T", 1ULL << 40},
	{"KiB", 1ULL << 10},
	{"MiB", 1ULL << 20},
	{"GiB", 1ULL << 30},
	{"TiB", 1ULL << 40},
	{"kB", 1000ULL},
	{"MB", 1000000ULL},
	{"GB", 1000000000ULL},
	{"TB", 1000000000000ULL},
	{NULL, 0},
};

/* A parsed number: integer part and decimal fraction. */
struct number {
	uint64_t whole;
	uint64_t fraction;
	uint64_t fraction_scale; /* fraction / fraction_scale is the part below 1 */
};

/* Further digits of a fraction are ignored: fraction * scale must fit into 128 bits. */
#define FRACTION_MAX 1000000000000000000ULL

static int parse_number(const char **text, struct number *number, const char **why)
{
	const char *s = *text;

	*number = (struct number){.fraction_scale = 1};
	if (!isdigit((unsigned char)*s)) {
		*why = "a number is expected";
		return -EINVAL;
	}
	for (; isdigit((unsigned char)*s); s++) {
		if (__builtin_mul_overflow(number->whole, 10, &number->whole) ||
		    __builtin_add_overflow(number->whole, (uint64_t)(*s - '0'), &number->whole)) {
			*why = "too large";
			return -ERANGE;
		}
	}
	if (*s == '.') {
		s++;
		if (!isdigit((unsigned char)*s)) {
			*why = "a digit is expected after the point";
			return -EINVAL;
		}
		for (; isdigit((unsigned char)*s); s++) {
			if (number->fraction_scale == FRACTION_MAX)
				continue;
			number->fraction = number->fraction * 10 + (uint64_t)(*s - '0');
			number->fraction_scale *= 10;
		}
	}
	*text = s;
	return 0;
}

/* Add number × scale to *sum, rounded down to the smallest unit. */
static int add_scaled(const struct number *number, uint64_t scale, uint64_t *sum, const char **why)
{
	__extension__ typedef unsigned __int128 wide;
	const wide product = (wide)number->whole * scale +
	                     (wide)number->fraction * scale / number->fraction_scale;
	const wide total = product + *sum;

	if (total > UINT64_MAX) {
		*why = "too large";
		return -ERANGE;
	}
	*sum = (uint64_t)total;
	return 0;
}

/* Length of the unit at the beginning of text: up to a digit, a space or the end. */
static size_t unit_length(const char *text)
{
	return strcspn(text, "0123456789. \t");
}

static const struct unit_name *find_unit(const struct unit_name *units, const char *text,
                                         size_t length, bool any_case)
{
	for (; units->name; units++) {
		if (strlen(units->name) == length &&
		    (any_case ? strncasecmp(units->name, text, length)
		              : strncmp(units->name, text, length)) == 0)
			return units;
	}
	return NULL;
}

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

int duration_parse(const char *text, uint64_t *ns, const char **why)
{
	const char *s = skip_blanks(text);
	uint64_t sum = 0;

	do {
		const struct unit_name *unit;
		struct number number;
		size_t length;
		int err = parse_number(&s, &number, why);

		if (err)
			return err;
		s = skip_blanks(s);
		length = unit_length(s);
		unit = find_unit(duration_units, s, length, false);
		if (!unit && !(length == 0 && number.whole == 0 && number.fraction == 0)) {
			*why = length ? "the unit is not known (ns, us, ms, s, m, h, d, w, M, y)"
			              : "the unit is missing (ns, us, ms, s, m, h, d ...)";
			return -EINVAL;
		}
		err = add_scaled(&number, unit ? unit->scale : 0, &sum, why);
		if (err)
			return err;
		s = skip_blanks(s + length);
	} while (*s);

	*ns = sum;
	return 0;
}

int size_parse(const char *text, uint64_t *bytes, const char **why)
{
	const char *s = skip_blanks(text);
	const struct unit_name *unit;
	struct number number;
	uint64_t sum = 0, scale = 1;
	int err = parse_number(&s, &number, why);

	if (err)
		return err;
	s = skip_blanks(s);
	if (*s) {
		const size_t length = unit_length(s);

		unit = find_unit(size_units, s, length, true);
		if (!unit || *skip_blanks(s + length)) {
			*why = "the unit is not known (B, KiB, MiB, GiB, TiB, kB, MB, GB, TB)";
			return -EINVAL;
		}
		scale = unit->scale;
	}
	err = add_scaled(&number, scale, &sum, why);
	if (!err)
		*bytes = sum;
	return err;
}
