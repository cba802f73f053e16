/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/summary/summary_settings.h"

#include <stddef.h>

#include "core/output_path.h"

static const char *const modes[] = {"none", "short", "full", "json", "markdown", NULL};
static const struct setting_values mode_values = {.choices = modes};
/* Unlike other outputs, the summary needs no file. */
static const char *path_problem(const void *field)
{
	const char *path = *(char *const *)field;

	return *path ? output_path_problem(field) : NULL;
}

static const struct setting_values path_values = {.problem = path_problem};
static const char *const whens[] = {"auto", "always", "never", NULL};
static const struct setting_values when_values = {.choices = whens};

const struct setting summary_settings_table[] = {
	{"mode", SETTING_CHOICE, offsetof(struct summary_settings, mode), "\"short\"", &mode_values,
         "\"short\": cut to one screen; \"full\": the whole tree; \"json\", \"markdown\": the "
         "same for programs and web pages; \"none\": no summary."},
	{"output_path", SETTING_STRING, offsetof(struct summary_settings, output_path), "\"\"",
         &path_values,
         "The file for the summary, with %h, %p, %t, %r and %% as for csv; \"\": standard error, "
         "which the command also writes to."},
	{"by", SETTING_STRING, offsetof(struct summary_settings, by), "\"\"", NULL,
         "Sort the tree by \"energy\", \"cpu\", \"wall\", \"rss\", or a counted event. \"\": "
         "energy if it is attributed to processes, else CPU time."},
	{"color", SETTING_CHOICE, offsetof(struct summary_settings, color), "\"auto\"",
         &when_values,
         "\"auto\": colours on a terminal, unless NO_COLOR is set in the environment."},
	{"progress", SETTING_CHOICE, offsetof(struct summary_settings, progress), "\"auto\"",
         &when_values,
         "Show the progress of a run that takes longer than 2 s in one line: time, processes, "
         "busy CPUs, power. \"auto\": unless the command writes to that terminal; \"always\": "
         "even then."},
	{.key = NULL},
};
