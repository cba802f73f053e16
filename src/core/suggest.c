/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Damerau-Levenshtein distance (optimal string alignment), with three rows at a time: row[i][j] is
 * the distance between the first i characters of a and the first j of b.
 */
size_t suggest_distance(const char *a, const char *b, size_t limit)
{
	const size_t na = strnlen(a, SUGGEST_MAX + 1), nb = strnlen(b, SUGGEST_MAX + 1);
	uint8_t rows[3][SUGGEST_MAX + 1];

	if (na > SUGGEST_MAX || nb > SUGGEST_MAX || (na > nb ? na - nb : nb - na) > limit)
		return limit + 1;
	for (size_t j = 0; j <= nb; j++)
		rows[0][j] = (uint8_t)j;

	for (size_t i = 1; i <= na; i++) {
		const uint8_t *before = rows[(i + 1) % 3], *above = rows[(i + 2) % 3];
		uint8_t *row = rows[i % 3];
		size_t least = row[0] = (uint8_t)i;

		for (size_t j = 1; j <= nb; j++) {
			size_t edits = above[j - 1] + (same(a[i - 1], b[j - 1]) ? 0U : 1U);

			edits = min(edits, min(above[j], row[j - 1]) + 1U);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				edits = min(edits, before[j - 2] + 1U);
			row[j] = (uint8_t)edits;
			least = min(least, edits);
		}
		/* No later row has a lower minimum: more characters never reduce a distance. */
		if (least > limit)
			return limit + 1;
	}
	return min(rows[na % 3][nb], limit + 1);
}

const char *suggest_nearest(const char *word, const char *const *names, size_t n)
{
	const size_t limit = strnlen(word, SUGGEST_MAX + 1) / 3;
	size_t best = limit + 1;
	const char *nearest = NULL;

	for (size_t i = 0; i < n && best > 0; i++) {
		size_t edits;

		if (!names[i])
			continue;
		edits = suggest_distance(word, names[i], best - 1);
		if (edits < best) {
			best = edits;
			nearest = names[i];
		}
	}
	return nearest;
}
