/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "compare/compare.h"

#include <errno.h>
#include <string.h>

#include "compare/limits.h"
#include "compare/samples.h"
#include "compare/verdicts.h"
#include "compare/write.h"
#include "core/log.h"
#include "linux/new_file.h"
#include "report/paths.h"
#include "report/read.h"

typedef void write_comparison(const struct samples *samples, const struct verdicts *verdicts,
                              struct text *out);

static const struct {
	const char *name;
	write_comparison *write;
} formats[] = {{"text", write_text}, {"markdown", write_markdown}, {"json", write_json}};

void compare_each_format(void (*visit)(void *data, const char *name, const char *what), void *data)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		visit(data, formats[i].name, "");
}

static write_comparison *find_format(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (!name || strcmp(formats[i].name, name) == 0)
			return formats[i].write;
	}
	log_error("compare --format=%s: it can be text, markdown or json", name);
	return NULL;
}

static int put(const struct compare_options *options, const struct text *text)
{
	struct new_file file;
	int err = new_file_open(&file, options->output, options->trust_others);

	if (err)
		return err;
	fwrite(text->data, 1, text->n, file.stream);
	return new_file_close(&file, 0);
}

static int no_memory(void)
{
	log_error("out of memory for the comparison");
	return -ENOMEM;
}

/* Returns as compare_make() does. */
static int judge_and_write(const struct compare_options *options, const struct limits *limits,
                           const struct samples *samples)
{
	struct verdicts verdicts;
	struct text text = {.n = 0};
	int err = verdicts_make(samples, &verdicts);

	if (err) {
		verdicts_fini(&verdicts);
		return no_memory();
	}
	find_format(options->format)(samples, &verdicts, &text);
	err = text.failed ? no_memory() : put(options, &text);
	if (!err)
		err = limits_check(limits, &verdicts);
	text_fini(&text);
	verdicts_fini(&verdicts);
	return err;
}

static int has_runs(const struct compare_options *options, const struct samples *samples)
{
	if (samples->n_base && samples->n_changed)
		return 0;
	log_error("'%s' has no run that came to its end: there is nothing to compare",
	          samples->n_base ? options->changed : options->base);
	return -ENODATA;
}

static int compare_files(const struct compare_options *options, const struct limits *limits,
                         const struct report_paths *paths, size_t n_base)
{
	struct report_data data = {.n_runs = 0};
	struct samples samples = {.n_base = 0};
	int err = report_read((const char *const *)paths->paths, paths->n, &data);

	for (size_t i = 0; !err && i < data.n_notes; i++)
		log_warn("%s", data.notes[i]);
	if (!err) {
		err = samples_make(&samples, &data, 0, paths->paths, n_base);
		err = err ? no_memory() : has_runs(options, &samples);
	}
	if (!err)
		err = judge_and_write(options, limits, &samples);
	samples_fini(&samples);
	report_data_fini(&data);
	return err;
}

/* A pattern may have a file twice, by a link; on both sides it may be. */
static int add_side(struct report_paths *paths, const char *name)
{
	const size_t first = paths->n;
	const int err = report_paths_add(paths, name);

	return err ? err : report_paths_drop_repeated(paths, first);
}

int compare_make(const struct compare_options *options)
{
	struct report_paths paths = {.n = 0};
	struct limits limits;
	size_t n_base;
	int err = limits_parse(options->limits, &limits);

	if (err || !find_format(options->format))
		return -EINVAL;
	err = add_side(&paths, options->base);
	n_base = paths.n;
	if (!err)
		err = add_side(&paths, options->changed);
	if (!err)
		err = report_paths_check_output(&paths, options->output);
	if (!err)
		err = compare_files(options, &limits, &paths, n_base);
	report_paths_fini(&paths);
	return err;
}
