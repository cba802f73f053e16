/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/read.h"

#include <errno.h>

#include "core/log.h"
#include "report/read_rows.h"

/*
 * In files whose run_info has the attribute "values", a run_end row follows each run. is_noted: the
 * notes already say why the last run has none. Returns 0 or -ENOMEM.
 */
static int note_missing_ends(struct reader *reader, bool is_noted)
{
	struct report_data *data = reader->builder.data;
	int err = 0;

	for (size_t i = reader->first_run; i < data->n_runs && !err; i++) {
		struct report_run *run = &data->runs[i];

		run->lacks_end = reader->builder.runs[i].values != BUILD_VALUES_UNKNOWN &&
		                 !run->has_end;
		if (!run->lacks_end || (is_noted && i + 1 == data->n_runs))
			continue;
		err = report_note(data,
		                  "%s: the last rows of %s%s are missing, as when the agent was "
		                  "killed, the disk was full, or it still measures; the rows "
		                  "before them are in this report",
		                  reader->name, run->id->n ? "run " : "the run",
		                  run->id->bytes);
	}
	return err;
}

/* Returns 0 or -ENOMEM. */
static int note_damage(struct reader *reader, const struct report_input *input,
                       const struct report_damage *damage)
{
	struct report_data *data = reader->builder.data;
	const char *const compressed = report_input_damage(input);
	const size_t bad = damage->rows + reader->bad_rows;
	int err = 0;

	if (compressed)
		err = report_note(data, "%s: %s; the rows up to there are in this report",
		                  reader->name, compressed);
	else if (damage->unfinished)
		err = report_note(data,
		                  "%s: its last row is unfinished, as when the agent was killed or "
		                  "the disk was full; the rows before it are in this report",
		                  reader->name);
	if (!err)
		err = note_missing_ends(reader, compressed || damage->unfinished);
	if (!err && bad)
		err = report_note(data, "%s: %zu row%s could not be read and %s left out",
		                  reader->name, bad, bad == 1 ? "" : "s", bad == 1 ? "is" : "are");
	if (!err && data->n_runs == reader->first_run)
		err = report_note(
			data,
			"%s: it has no rows, as when the agent was killed before it wrote the "
			"first ones (flush_interval)",
			reader->name);
	return err;
}

static int read_file(struct reader *reader, struct report_input *input)
{
	struct report_lexer *lexer;
	struct report_row row;
	int result = report_lexer_new(input, reader->name, &lexer);

	if (result < 0)
		return result;
	reader->first_run = reader->builder.data->n_runs;
	reader->bad_rows = 0;
	while ((result = report_lexer_next(lexer, &row)) > 0) {
		result = read_row(reader, &row);
		if (result < 0)
			break;
	}
	if (result == 0)
		result = note_damage(reader, input, report_lexer_damage(lexer));
	if (result == -ENOMEM)
		log_error("out of memory while reading '%s'", reader->name);
	report_lexer_free(lexer);
	return result;
}

static int finish(struct reader *reader)
{
	int err = builder_finish(&reader->builder);

	if (!err && reader->builder.dropped)
		err = report_note(reader->builder.data,
		                  "%zu rows of further metrics or processes are left out: a report "
		                  "has at most %d of the one and %d of the other",
		                  reader->builder.dropped, BUILDER_FIELDS_MAX,
		                  BUILDER_PROCESSES_MAX);
	if (err)
		log_error("out of memory for the report");
	return err;
}

int report_read_input(struct report_input *input, const char *name, struct report_data *data)
{
	struct reader reader = {.name = name};
	int err = builder_init(&reader.builder, data);

	if (err)
		log_error("out of memory for the report");
	if (!err)
		err = read_file(&reader, input);
	if (!err)
		err = finish(&reader);
	builder_fini(&reader.builder);
	return err;
}

int report_read(const char *const *paths, size_t n, struct report_data *data)
{
	struct reader reader = {.name = ""};
	int err = builder_init(&reader.builder, data);

	if (err)
		log_error("out of memory for the report");
	for (size_t i = 0; i < n && !err; i++) {
		struct report_input *input;

		reader.name = paths[i];
		err = report_input_open(paths[i], &input);
		if (err)
			break;
		err = read_file(&reader, input);
		report_input_close(input);
	}
	if (!err)
		err = finish(&reader);
	builder_fini(&reader.builder);
	return err;
}
