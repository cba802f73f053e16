/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/view/markdown.h"

#include <string.h>

#include "tree/view/text.h"

#define NAME_CELLS 100

/*
 * Replace only what would end the code or the cell. Outside of a table the '\' before a '|' would
 * be shown.
 */
void markdown_put_code(FILE *file, const struct text_signs *signs, const char *name, bool in_cell)
{
	struct text_line line;

	text_start(&line, signs);
	text_put_middle(&line, name, NAME_CELLS);
	fputs("`` ", file);
	for (const char *c = line.bytes; *c; c++)
		fprintf(file, *c == '|' && in_cell ? "\\|" : *c == '`' ? "'" : "%c", *c);
	fputs(" ``", file);
}

void markdown_put_text(FILE *file, const struct text_signs *signs, const char *text)
{
	while (*text) {
		const struct glyph glyph = printable_next(&signs->printable, text);

		if (glyph.length == 1 && strchr("<[|`", *glyph.bytes))
			putc('\\', file);
		fwrite(glyph.bytes, 1, glyph.length, file);
		text += glyph.taken;
	}
}
