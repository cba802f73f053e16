/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Folded stacks, "make;sh;cc1 12345": for flamegraph.pl, inferno, speedscope. The numbers are whole:
 * microseconds, microjoules, or events, of the processes themselves without their children.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/text.h"
#include "report/fold.h"
#include "report/formats.h"
#include "report/names.h"
#include "report/number_math.h"

/* Stacks deeper than this are cut at their root: no tool shows them. */
#define DEPTH_MAX 4096

/* ';' divides names, and what follows the last blank is the number. */
static void add_frame(struct text *out, const struct report_text *label)
{
	const size_t start = out->n;

	report_add_visible(out, label->bytes, label->n);
	for (size_t i = start; i < out->n; i++) {
		if (out->data[i] == ';')
			out->data[i] = ':';
	}
}

static void write_stack(const struct fold *fold, uint32_t node, int64_t scaled, struct text *line,
                        FILE *out)
{
	uint32_t path[DEPTH_MAX];
	size_t depth = 0;

	for (uint32_t at = node; at != NO_PROCESS && depth < DEPTH_MAX; at = fold->nodes[at].parent)
		path[depth++] = at;
	text_clear(line, (size_t)64 * 1024);
	while (depth > 0) {
		add_frame(line, fold->nodes[path[--depth]].label);
		if (depth > 0)
			text_add_char(line, ';');
	}
	fwrite(line->data, 1, line->n, out);
	fprintf(out, " %" PRId64 "\n", scaled);
}

int report_write_folded(struct report_data *data, const struct report_options *options, FILE *out)
{
	struct report_measure measure;
	struct text line = {.n = 0};
	struct fold fold;
	double scale = 1;
	int err = report_measure_find(data, options->by, &measure);

	if (err)
		return err;
	if (strcmp(measure.unit, "ns") == 0)
		scale = 1e-3;
	else if (strcmp(measure.unit, "J") == 0)
		scale = 1e6;
	err = fold_processes(data, report_measure_of, measure.field, &fold);
	for (size_t i = 0; i < fold.n && !err; i++) {
		const double scaled = fold.nodes[i].value * scale;

		/* False for NaN too. */
		if (scaled >= 0.5 && scaled < (double)INT64_MAX / 2)
			write_stack(&fold, (uint32_t)i, to_nearest(scaled), &line, out);
		err = line.failed ? -ENOMEM : 0;
	}
	if (err)
		log_error("out of memory for the report");
	text_fini(&line);
	fold_fini(&fold);
	return err;
}
