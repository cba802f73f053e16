/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "compare/failed.h"

#include <stdio.h>
#include <string.h>

#include "compare/amount.h"
#include "compare/write.h"
#include "report/heading.h"
#include "report/json.h"
#include "report/names.h"

/* A line names at most this many runs. */
#define RUNS_NAMED 8

static const struct report_run *run_of(const struct samples *samples, size_t column)
{
	return &samples->data->runs[samples->failed[column]];
}

/* The outcome of the root process, which says more; if it is not known, "exit 3". */
static void add_outcome(const struct samples *samples, size_t column, struct text *out)
{
	const struct report_process *root = report_root(samples->data, samples->failed[column]);
	const size_t n = out->n;

	if (root)
		report_add_outcome(out, root);
	if (out->n == n)
		add_formatted(out, "exit %u", run_of(samples, column)->exit_status);
}

size_t failed_count(const struct samples *samples, size_t first, size_t n)
{
	size_t count = 0;

	for (size_t i = first; i < first + n; i++)
		count += samples->failed[i] != NO_PROCESS;
	return count;
}

static void add_name(const struct report_run *run, bool with_file, bool markdown,
                     struct text *out)
{
	struct text name = {.n = 0};

	if (with_file)
		report_add_visible(&name, run->file, strlen(run->file));
	if (run->id->n > 0) {
		text_add_string(&name, with_file ? " run " : "run ");
		report_add_visible(&name, run->id->bytes, run->id->n);
	}
	if (markdown)
		write_escaped(out, name.n ? name.data : "", name.n);
	else
		text_add(out, name.n ? name.data : "", name.n);
	out->failed |= name.failed;
	text_fini(&name);
}

void failed_add_line(const struct samples *samples, size_t first, size_t n, const char *side,
                     bool with_file, bool markdown, struct text *out)
{
	const size_t failed = failed_count(samples, first, n);
	size_t named = 0;

	if (failed == 0)
		return;
	add_formatted(out, "%zu of %zu run%s%s failed:", failed, n, n == 1 ? "" : "s", side);
	for (size_t i = first; i < first + n && named < RUNS_NAMED; i++) {
		if (samples->failed[i] == NO_PROCESS)
			continue;
		text_add_string(out, named++ > 0 ? ", " : " ");
		add_name(run_of(samples, i), with_file, markdown, out);
		text_add_string(out, " (");
		add_outcome(samples, i, out);
		text_add_string(out, ")");
	}
	if (failed > named)
		add_formatted(out, " and %zu more", failed - named);
	text_add_string(out, "\n");
}

void failed_add_json(const struct samples *samples, size_t first, size_t n, const char *side,
                     struct text *out)
{
	for (size_t i = first; i < first + n; i++) {
		struct text outcome = {.n = 0};

		if (samples->failed[i] == NO_PROCESS)
			continue;
		add_outcome(samples, i, &outcome);
		json_separate(out);
		text_add_char(out, '{');
		if (side)
			json_add_pair(out, "side", side);
		json_add_pair(out, "file", run_of(samples, i)->file);
		json_add_pair(out, "run", run_of(samples, i)->id->bytes);
		json_add_key(out, "outcome");
		json_add_string(out, outcome.n ? outcome.data : "", outcome.n);
		text_add_char(out, '}');
		out->failed |= outcome.failed;
		text_fini(&outcome);
	}
}
