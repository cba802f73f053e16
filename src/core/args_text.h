/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The arguments of a process as one line that keeps their boundaries. */
#ifndef CORE_ARGS_TEXT_H
#define CORE_ARGS_TEXT_H

#include <stddef.h>

#include "core/text.h"

/*
 * Add the arguments, separated by spaces. Each is terminated by a NUL, except a last one that was
 * truncated. An argument that is empty, or contains white space, a quote or a backslash, is quoted
 * for a POSIX shell: 'a b', 'it'\''s', ''. If memory runs out, out->failed is set.
 */
void args_text_add(struct text *out, const char *args, size_t length);

#endif
