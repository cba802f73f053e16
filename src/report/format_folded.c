/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Folded stacks, "make;sh;cc1 12345", for flamegraph.pl, inferno and speedscope. The numbers are
 * whole microseconds, microjoules or events of the processes themselves, without their children, or
 * of their functions if there is a profile.
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
#include "report/functions.h"
#include "report/names.h"
#include "report/number_math.h"

/* Stacks deeper than this are cut at their root: no tool shows them. */
#define DEPTH_MAX 4096

/* ';' separates names, and the number follows the last blank. */
static void add_frame(struct text *out, const struct report_text *label)
{
	const size_t start = out->n;

	report_add_visible(out, label->bytes, label->n);
	for (size_t i = start; i < out->n; i++) {
		if (out->data[i] == ';')
			out->data[i] = ':';
	}
}

static void add_processes(const struct fold *fold, uint32_t node, struct text *line)
{
	uint32_t path[DEPTH_MAX];
	size_t depth = 0;

	for (uint32_t at = node; at != NO_PROCESS && depth < DEPTH_MAX; at = fold->nodes[at].parent)
		path[depth++] = at;
	while (depth > 0) {
		add_frame(line, fold->nodes[path[--depth]].label);
		if (depth > 0)
			text_add_char(line, ';');
	}
}

/*
 * Functions of the kernel get the suffix "_[k]", by which flamegraph.pl and others choose their
 * colour.
 */
static void add_functions(const struct report_data *data, uint32_t frame, struct text *line)
{
	uint32_t path[DEPTH_MAX];
	size_t depth = 0;

	for (uint32_t at = frame; at != NO_FRAME && depth < DEPTH_MAX; at = data->frames[at].parent)
		path[depth++] = at;
	while (depth > 0) {
		const struct report_frame *at = &data->frames[path[--depth]];

		text_add_char(line, ';');
		add_frame(line, at->function);
		if (report_frame_is_kernel(at))
			text_add_string(line, "_[k]");
	}
}

/* Values that round to 0 get no line. */
static int write_line(double value, double scale, const struct text *line, FILE *out)
{
	const double scaled = value * scale;

	if (line->failed)
		return -ENOMEM;
	/* This is false for NaN, too. */
	if (scaled >= 0.5 && scaled < (double)INT64_MAX / 2) {
		fwrite(line->data, 1, line->n, out);
		fprintf(out, " %" PRId64 "\n", to_nearest(scaled));
	}
	return 0;
}

/* Write a node's own line, and one for each function in it. */
static int write_node(const struct report_data *data, const struct fold *fold, uint32_t node,
                      const struct report_functions *functions, size_t *at, double scale,
                      struct text *line, FILE *out)
{
	size_t length;
	int err;

	text_clear(line, (size_t)64 * 1024);
	add_processes(fold, node, line);
	err = write_line(functions->rest[node], scale, line, out);
	length = line->n;
	for (; *at < functions->n && functions->functions[*at].node == node && !err; ++*at) {
		line->n = length;
		add_functions(data, functions->functions[*at].frame, line);
		err = write_line(functions->functions[*at].value, scale, line, out);
	}
	return err;
}

int report_write_folded(struct report_data *data, const struct report_options *options, FILE *out)
{
	struct report_measure measure;
	struct text line = {.n = 0};
	struct report_functions functions = {.n = 0};
	struct fold fold;
	double scale = 1;
	size_t at = 0;
	int err = report_measure_find(data, options->by, &measure);

	if (err)
		return err;
	if (strcmp(measure.unit, "ns") == 0)
		scale = 1e-3;
	else if (strcmp(measure.unit, "J") == 0)
		scale = 1e6;
	err = fold_processes(data, report_measure_of, measure.field, &fold);
	if (!err)
		err = report_functions_make(data, measure.field, &fold, &functions);
	for (size_t i = 0; i < fold.n && !err; i++)
		err = write_node(data, &fold, (uint32_t)i, &functions, &at, scale, &line, out);
	if (err)
		log_error("out of memory for the report");
	text_fini(&line);
	report_functions_fini(&functions);
	fold_fini(&fold);
	return err;
}
