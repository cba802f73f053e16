/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/rfc3339.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "core/clock.h"

#define DATE_LENGTH 19 /* "2024-05-14T21:28:49" */

/* Parse n digits. Returns -1 if there are other characters. */
static int digits(const char *text, size_t n)
{
	int value = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. Years begin with March here. */
static int64_t days_of(int year, int month, int day)
{
	const int64_t y = month > 2 ? year : year - 1;
	const int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

static int parse_date(const char *text, uint64_t *second)
{
	const int year = digits(text, 4), month = digits(text + 5, 2), day = digits(text + 8, 2);
	const int hour = digits(text + 11, 2), minute = digits(text + 14, 2);
	const int s = digits(text + 17, 2);
	const bool has_signs = text[4] == '-' && text[7] == '-' &&
	                       (text[10] == 'T' || text[10] == 't' || text[10] == ' ') &&
	                       text[13] == ':' && text[16] == ':';

	/* From 1970 to 2500, nanoseconds fit into 64 bits. */
	if (!has_signs || year < 1970 || year > 2500 || month < 1 || month > 12 || day < 1 ||
	    day > 31 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || s < 0 || s > 60)
		return -EINVAL;
	*second = (uint64_t)days_of(year, month, day) * 86400 + (uint64_t)hour * 3600 +
	          (uint64_t)minute * 60 + (uint64_t)s;
	return 0;
}

/* Parse "Z" or "+02:00". Returns 0 or -EINVAL. */
static int parse_offset(const char *text, size_t n, int64_t *seconds)
{
	int hours, minutes;

	*seconds = 0;
	if (n == 1 && (*text == 'Z' || *text == 'z'))
		return 0;
	if (n != 6 || (*text != '+' && *text != '-') || text[3] != ':')
		return -EINVAL;
	hours = digits(text + 1, 2);
	minutes = digits(text + 4, 2);
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return -EINVAL;
	*seconds = (hours * 3600 + minutes * 60) * (*text == '+' ? 1 : -1);
	return 0;
}

int rfc3339_parse(struct rfc3339_cache *cache, const char *text, size_t n, uint64_t *ns)
{
	size_t at = DATE_LENGTH;
	uint64_t fraction = 0, scale = NSEC_PER_SEC;
	int64_t offset;

	if (n < DATE_LENGTH + 1)
		return -EINVAL;
	if (memcmp(cache->date, text, DATE_LENGTH) != 0) {
		if (parse_date(text, &cache->second))
			return -EINVAL;
		memcpy(cache->date, text, DATE_LENGTH);
	}
	if (text[at] == '.') {
		for (at++; at < n && text[at] >= '0' && text[at] <= '9'; at++) {
			if (scale > 1)
				fraction = fraction * 10 + (uint64_t)(text[at] - '0');
			scale = scale > 1 ? scale / 10 : 1;
		}
	}
	if (parse_offset(text + at, n - at, &offset) ||
	    (offset > 0 && cache->second < (uint64_t)offset))
		return -EINVAL;
	*ns = (cache->second - (uint64_t)offset) * NSEC_PER_SEC + fraction * scale;
	return 0;
}
