/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* "Did you mean …?": the known name that a mistyped word is closest to. */
#ifndef CORE_SUGGEST_H
#define CORE_SUGGEST_H

#include <stddef.h>

/*
 * The name of names[0..n) that takes the fewest edits (a character put in, left out, replaced, or
 * swapped with its neighbour; case does not matter) to become word; the first of equals.
 * NULL when even that one differs too much to be meant: by more than a third of the word's
 * characters (one edit is allowed from three characters on), or when the word is longer than any
 * name a person would mistype (SUGGEST_MAX).
 * The result is one of the pointers given; entries that are NULL are passed over.
 */
const char *suggest_nearest(const char *word, const char *const *names, size_t n);

/* Longest word and name that are compared, in characters. */
#define SUGGEST_MAX 128

/*
 * The number of such edits between two words, at most limit + 1, which means "more than limit". A
 * word longer than SUGGEST_MAX is further than any limit.
 */
size_t suggest_distance(const char *a, const char *b, size_t limit);

#endif
