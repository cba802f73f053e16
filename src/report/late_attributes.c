/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/late_attributes.h"
#include "core/utf8.h"

#include <string.h>

static bool is_key_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* The next '=' without a '\' before it, or end. */
static const char *find_equals(const char *at, const char *end)
{
	for (; at < end && *at != '='; at++) {
		if (*at == '\\' && at + 1 < end)
			at++;
	}
	return at;
}

/*
 * The delimiter is between the first value and the second key. A key consists of letters, digits
 * and '_', none of which can be a delimiter. Keys of Alumet may have '.' and '-', too, but a ','
 * before such a key is a delimiter.
 */
static void find_delimiter(struct late_format *format, const char *at, const char *end)
{
	const char *first = find_equals(at, end);
	const char *second = first < end ? find_equals(first + 1, end) : end;
	const char *key = second;

	if (second == end)
		return;
	while (key > first + 1 && (is_key_byte(key[-1]) || key[-1] == '.' || key[-1] == '-'))
		key--;
	if (key == first + 1 || key[-1] != ',') {
		key = second;
		while (key > first + 1 && is_key_byte(key[-1]))
			key--;
	}
	at = key - 1;
	while (at > first + 1 && key - at < (int)sizeof(format->delimiter) &&
	       utf8_is_later_byte(*at))
		at--;
	if (at <= first || key == second)
		return;
	format->n = (size_t)(key - at);
	memcpy(format->delimiter, at, format->n);
}

static bool at_delimiter(const struct late_format *format, const char *at, const char *end)
{
	return format->n > 0 && (size_t)(end - at) >= format->n && *at == *format->delimiter &&
	       memcmp(at, format->delimiter, format->n) == 0;
}

size_t late_attributes_split(struct late_format *format, struct report_bytes cell,
                             struct report_attribute *attributes, size_t max)
{
	char *at = cell.at, *to = cell.at, *const end = cell.at + cell.n;
	size_t n = 0;

	if (format->n == 0)
		find_delimiter(format, at, end);
	while (at < end && n < max) {
		struct report_attribute attribute = {{to, 0}, {NULL, 0}};

		for (; at < end && !at_delimiter(format, at, end); at++) {
			if (*at == '=' && !attribute.value.at) {
				attribute.key.n = (size_t)(to - attribute.key.at);
				*to++ = '\0';
				attribute.value.at = to;
				continue;
			}
			if (*at == '\\' && at + 1 < end)
				at++;
			*to++ = *at;
		}
		at += at < end ? format->n : 0;
		if (!attribute.value.at)
			continue;
		attribute.value.n = (size_t)(to - attribute.value.at);
		/* There is room: the delimiter's place, or the NUL at the end of the cell. */
		*to++ = '\0';
		attributes[n++] = attribute;
	}
	return n;
}
