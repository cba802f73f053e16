/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* "Did you mean …?": the known name that is closest to a mistyped word. */
#ifndef CORE_SUGGEST_H
#define CORE_SUGGEST_H

#include <stddef.h>

/*
 * Find the name in names[0..n) that is the fewest edits away from word. An edit inserts, removes or
 * replaces a character, or swaps two neighbours; case does not matter. Of equally close names, the
 * first is returned.
 * Returns NULL if even that name differs by more than a third of the word's characters (one edit is
 * allowed from three characters on), or if the word is longer than any name that a person would
 * mistype (SUGGEST_MAX).
 * The result is one of the given pointers; NULL entries are skipped.
 */
const char *suggest_nearest(const char *word, const char *const *names, size_t n);

/* Length of the longest word or name that is compared, in characters. */
#define SUGGEST_MAX 128

/*
 * The number of edits between two words; limit + 1 if there are more than limit, or if a word is
 * longer than SUGGEST_MAX.
 */
size_t suggest_distance(const char *a, const char *b, size_t limit);

#endif
