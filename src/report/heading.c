/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/heading.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/lives.h"
#include "report/names.h"
#include "report/origin.h"

/* The heading of a watch names at most this many processes. */
#define NAMES_IN_HEADING 3

static char *watch_heading(const struct report_data *data, uint32_t run)
{
	char *heading = NULL;
	size_t size = 0, n = 0, n_watched = 0;
	const char *watched = origin_find(&data->runs[run], "watched", &n_watched);
	const size_t end = report_first_of(data, run + 1);
	FILE *out = open_memstream(&heading, &size);

	if (!out)
		return NULL;
	fputs("watch:", out);
	if (watched) {
		putc(' ', out);
		fwrite(watched, 1, n_watched, out);
	}
	for (size_t i = report_first_of(data, run); !watched && i < end; i++) {
		const struct report_process *process = &data->processes[i];

		if (process->parent != NO_PROCESS)
			continue;
		if (++n <= NAMES_IN_HEADING)
			fprintf(out, "%s %s (%" PRIu32 ")", n > 1 ? "," : "", process->comm->bytes,
			        process->pid);
	}
	if (n > NAMES_IN_HEADING)
		fprintf(out, " and %zu more", n - NAMES_IN_HEADING);
	if (fclose(out) == 0)
		return heading;
	free(heading);
	return NULL;
}

const struct report_process *report_root(const struct report_data *data, uint32_t run)
{
	const size_t i = report_first_of(data, run);

	return i < data->n_processes && data->processes[i].run == run ? &data->processes[i] : NULL;
}

char *report_heading_of(const struct report_process *process, const struct report_text *args)
{
	char buffer[32], *heading;
	size_t n;

	if (args->n == 0)
		return strdup(report_label(process, buffer));
	heading = malloc(args->n + 1);
	if (!heading)
		return NULL;
	n = report_args_split(args, heading);
	for (size_t i = 0; i + 1 < n; i++) {
		if (heading[i] == '\0')
			heading[i] = ' ';
	}
	return heading;
}

char *report_heading(const struct report_data *data, uint32_t run)
{
	const struct report_process *root = report_root(data, run);

	if (data->runs[run].is_watch)
		return watch_heading(data, run);
	if (!root && data->runs[run].command->n == 0)
		return strdup("no processes");
	return report_heading_of(root, data->runs[run].command);
}
