/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The summary of each run or job, as text, or as Markdown for the page of a CI job. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/log.h"
#include "report/formats.h"
#include "report/ranks.h"
#include "report/shown.h"
#include "tree/view/text.h"

/* GitHub's limit for job summaries: https://docs.github.com/actions, GITHUB_STEP_SUMMARY. */
#define MARKDOWN_MAX ((size_t)1024 * 1024)

typedef int write_shown(struct shown *shown, const struct report_options *options, FILE *out);

/* Write the blank line between two summaries. */
static void divide(FILE *out, bool *is_first)
{
	if (!*is_first)
		fputc('\n', out);
	*is_first = false;
}

/* Write each job with a comparison of its ranks. */
static int write_jobs(struct report_lives *lives, const struct report_jobs *jobs,
                      const struct report_options *options, bool is_markdown, write_shown *write,
                      FILE *out, bool *is_first)
{
	int err = 0;

	for (uint32_t i = 0; i < jobs->n && !err; i++) {
		struct shown shown;

		divide(out, is_first);
		err = report_write_ranks(&jobs->items[i], out, is_markdown);
		if (err)
			break;
		err = shown_make_job(&shown, lives, jobs, i, options->by);
		if (!err)
			err = write(&shown, options, out);
		shown_fini(&shown);
	}
	return err;
}

/* Call the function for each job, and for each run without one. */
static int write_runs(struct report_data *data, const struct report_options *options, FILE *out,
                      bool is_markdown, write_shown *write)
{
	struct report_lives lives;
	struct report_jobs jobs;
	bool is_first = true;
	int err = report_lives_init(&lives, data), jobs_err = report_jobs_make(data, &jobs);

	if (!err)
		err = jobs_err;
	if (!err)
		err = write_jobs(&lives, &jobs, options, is_markdown, write, out, &is_first);
	for (uint32_t run = 0; run < data->n_runs && !err; run++) {
		struct shown shown;

		if (jobs.of_run[run] != NO_JOB)
			continue;
		divide(out, &is_first);
		err = shown_make_run(&shown, &lives, run, options->by);
		if (!err)
			err = write(&shown, options, out);
		shown_fini(&shown);
	}
	report_jobs_fini(&jobs);
	report_lives_fini(&lives);
	if (err == -ENOMEM)
		log_error("out of memory for the report");
	return err;
}

static enum color_when color_when(const char *name)
{
	if (!name || strcmp(name, "auto") == 0)
		return COLOR_AUTO;
	return strcmp(name, "always") == 0 ? COLOR_ALWAYS : COLOR_NEVER;
}

static int write_text(struct shown *shown, const struct report_options *options, FILE *out)
{
	const bool is_terminal = isatty(fileno(out));
	struct winsize size = {.ws_row = 0};

	shown->view.is_full = log_is_shown(LOG_INFO) || !is_terminal;
	shown->view.colour = text_wants_colour(color_when(options->color), is_terminal);
	if (is_terminal && ioctl(fileno(out), TIOCGWINSZ, &size) == 0) {
		shown->view.columns = size.ws_col;
		shown->view.rows = size.ws_row;
	}
	return view_text(&shown->view, out);
}

int report_write_text(struct report_data *data, const struct report_options *options, FILE *out)
{
	return write_runs(data, options, out, false, write_text);
}

static int write_markdown(struct shown *shown, const struct report_options *options, FILE *out)
{
	return view_markdown(&shown->view, out);
}

/* Write whole lines, up to MARKDOWN_MAX. */
int report_write_markdown(struct report_data *data, const struct report_options *options, FILE *out)
{
	static const char cut[] = "\n*The report is cut here: it has more than 1 MiB.*\n";
	char *text = NULL;
	size_t n = 0;
	FILE *memory = open_memstream(&text, &n);
	int err;

	if (!memory) {
		log_error("out of memory for the report");
		return -ENOMEM;
	}
	err = write_runs(data, options, memory, true, write_markdown);
	if (fclose(memory) != 0 && !err)
		err = -ENOMEM;
	if (!err && n > MARKDOWN_MAX) {
		n = MARKDOWN_MAX - sizeof(cut);
		while (n > 0 && text[n - 1] != '\n')
			n--;
		fwrite(text, 1, n, out);
		fputs(cut, out);
	} else if (!err) {
		fwrite(text, 1, n, out);
	}
	free(text);
	return err;
}
