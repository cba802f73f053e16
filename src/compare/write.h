/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A comparison as text, Markdown or JSON. */
#ifndef COMPARE_WRITE_H
#define COMPARE_WRITE_H

#include "compare/verdicts.h"

/* Each appends to out, and sets out->failed if memory runs out. */
void write_text(const struct samples *samples, const struct verdicts *verdicts, struct text *out);
void write_markdown(const struct samples *samples, const struct verdicts *verdicts,
                    struct text *out);
void write_json(const struct samples *samples, const struct verdicts *verdicts, struct text *out);

/* Append text, escaped for Markdown and HTML. */
void write_escaped(struct text *out, const char *bytes, size_t n);

#endif
