/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/view/flow.h"

#include <string.h>

#define ROOM_LEAST 12
#define WORD_SIZE 256

static void start_line(struct flow *flow, const char *title, enum text_style style)
{
	text_start(&flow->line, flow->signs);
	text_put(&flow->line, "  ");
	if (*title) {
		text_style(&flow->line, style);
		text_put(&flow->line, title);
		text_style(&flow->line, TEXT_PLAIN);
	}
	text_pad(&flow->line, FLOW_TITLE_CELLS);
	flow->is_empty = true;
}

static void print_line(struct flow *flow)
{
	fputs(flow->line.bytes, flow->file);
	fputc('\n', flow->file);
}

void flow_start(struct flow *flow, FILE *file, const struct text_signs *signs, unsigned columns,
                const char *title, enum text_style style)
{
	flow->file = file;
	flow->signs = signs;
	flow->columns = columns;
	flow->gap = "   ";
	flow->indent = 0;
	flow->is_list = false;
	start_line(flow, title, style);
}

/* Cells of the comma at the end of a line that is continued. */
static unsigned comma_cells(const struct flow *flow)
{
	return flow->is_list || *flow->gap == ',';
}

unsigned flow_room(const struct flow *flow)
{
	const unsigned taken = FLOW_TITLE_CELLS + flow->indent + comma_cells(flow);

	if (flow->columns == 0)
		return 200;
	return flow->columns > taken + ROOM_LEAST ? flow->columns - taken : ROOM_LEAST;
}

void flow_break(struct flow *flow)
{
	if (flow->is_empty)
		return;
	print_line(flow);
	start_line(flow, "", TEXT_PLAIN);
	text_pad(&flow->line, FLOW_TITLE_CELLS + flow->indent);
}

void flow_item(struct flow *flow, const struct text_line *item)
{
	const unsigned more = text_own_cells(flow->gap) + item->cells + comma_cells(flow);

	if (!flow->is_empty && flow->columns && flow->line.cells + more > flow->columns) {
		text_put(&flow->line, *flow->gap == ',' ? "," : "");
		flow_break(flow);
	}
	if (!flow->is_empty)
		text_put(&flow->line, flow->gap);
	/* Copied with its colour escapes: its cells are counted already. */
	if (item->length < sizeof(flow->line.bytes) - flow->line.length) {
		memcpy(flow->line.bytes + flow->line.length, item->bytes, item->length + 1);
		flow->line.length += item->length;
		flow->line.cells += item->cells;
	}
	flow->is_empty = false;
}

void flow_words(struct flow *flow, const char *words)
{
	const char *gap = flow->gap;
	struct text_line item;
	char word[WORD_SIZE];

	flow->gap = " ";
	while (*words) {
		size_t length = strcspn(words, " ");

		snprintf(word, sizeof(word), "%.*s", (int)length, words);
		text_start(&item, flow->signs);
		text_put_middle(&item, word, flow_room(flow));
		flow_item(flow, &item);
		words += length;
		words += strspn(words, " ");
	}
	flow->gap = gap;
}

void flow_end(struct flow *flow)
{
	print_line(flow);
}
