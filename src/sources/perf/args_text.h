/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The arguments of a process as one line that keeps their boundaries. */
#ifndef PERF_ARGS_TEXT_H
#define PERF_ARGS_TEXT_H

#include <stddef.h>

#include "core/text.h"

/*
 * Add the arguments, each ended by a NUL but for a last one that was cut, with a space between two.
 * One that is empty, or holds a blank, a quote or a backslash, is written as a POSIX shell takes it:
 * 'a b', 'it'\''s', ''. Out of memory: out->failed.
 */
void args_text_add(struct text *out, const char *args, size_t length);

#endif
