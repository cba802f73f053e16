/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/summary/summary_settings.h"

#include <stddef.h>

#include "core/output_path.h"

static const char *const modes[] = {"none", "short", "full", "json", "markdown", NULL};
static const struct setting_values mode_values = {.choices = modes};
/* Unlike other outputs it needs no file. */
static const char *path_problem(const void *field)
{
	const char *path = *(char *const *)field;

	return *path ? output_path_problem(field) : NULL;
}

static const struct setting_values path_values = {.problem = path_problem};
static const char *const colors[] = {"auto", "always", "never", NULL};
static const struct setting_values color_values = {.choices = colors};

const struct setting summary_settings_table[] = {
	{"mode", SETTING_CHOICE, offsetof(struct summary_settings, mode), "\"short\"", &mode_values,
         "\"short\": the tree is cut to one screen; \"full\": all of it; \"json\", \"markdown\": the\n"
         "same for programs and for web pages; \"none\": no summary."},
	{"output_path", SETTING_STRING, offsetof(struct summary_settings, output_path), "\"\"",
         &path_values,
         "The file that it is written to, with the same %h, %p, %t, %r and %% as csv's; \"\": the\n"
         "standard error, which the command writes to as well."},
	{"by", SETTING_STRING, offsetof(struct summary_settings, by), "\"\"", NULL,
         "What sorts the tree: \"energy\", \"cpu\", \"wall\", \"rss\", or an event that is counted.\n"
         "\"\": the energy where it is attributed to processes, else the CPU time."},
	{"color", SETTING_CHOICE, offsetof(struct summary_settings, color), "\"auto\"",
         &color_values,
         "\"auto\": in colour on a terminal, unless NO_COLOR is set in the environment."},
	{.key = NULL},
};
