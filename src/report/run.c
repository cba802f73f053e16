/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tree/wall.h"

void report_data_fini(struct report_data *data)
{
	for (size_t i = 0; i < data->n_fields; i++)
		free(data->fields[i].name);
	for (size_t i = 0; i < data->n_energies; i++)
		free(data->energies[i].samples);
	for (size_t i = 0; i < data->n_notes; i++)
		free(data->notes[i]);
	for (size_t i = 0; i < data->n_notices; i++)
		free(data->notices[i].text);
	free(data->notices);
	free(data->runs);
	free(data->processes);
	free(data->fields);
	free(data->values);
	free(data->estimated);
	free(data->energies);
	free(data->slices);
	free(data->frames);
	free(data->counts);
	free(data->samples);
	free(data->notes);
	report_texts_fini(&data->texts);
	*data = (struct report_data){.n_runs = 0};
}

size_t report_first_of(const struct report_data *data, uint32_t run)
{
	size_t from = 0, to = data->n_processes;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;

		if (data->processes[middle].run < run)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

bool report_is_command(const struct report_data *data, size_t process)
{
	const uint32_t run = data->processes[process].run;

	return !data->runs[run].is_watch &&
	       (process == 0 || data->processes[process - 1].run != run);
}

uint64_t report_wall_ns(const struct report_data *data, uint32_t run)
{
	struct wall wall = {.root_ended = false};

	if (data->runs[run].interrupted && data->runs[run].wall_ns)
		return data->runs[run].wall_ns;
	for (size_t i = report_first_of(data, run);
	     i < data->n_processes && data->processes[i].run == run; i++) {
		const struct report_process *process = &data->processes[i];

		wall_add(&wall, report_is_command(data, i), !process->lives, process->begin_ns,
		         process->end_ns);
	}
	return wall_time_ns(&wall, data->runs[run].wall_ns
	                                   ? data->runs[run].wall_ns
	                                   : data->runs[run].end_ns - data->runs[run].begin_ns);
}

int report_field_of(const struct report_data *data, enum field_kind kind)
{
	for (size_t i = 0; i < data->n_fields; i++) {
		if (data->fields[i].kind == kind)
			return (int)i;
	}
	return -1;
}

int report_note(struct report_data *data, const char *format, ...)
{
	char **notes = reallocarray(data->notes, data->n_notes + 1, sizeof(*notes));
	va_list arguments;
	char *note = NULL;
	int length;

	if (!notes)
		return -ENOMEM;
	data->notes = notes;
	va_start(arguments, format);
	length = vasprintf(&note, format, arguments);
	va_end(arguments);
	if (length < 0)
		return -ENOMEM;
	notes[data->n_notes++] = note;
	return 0;
}

int report_notice_add(struct report_data *data, uint32_t run, bool is_loss, const char *text,
                      size_t n)
{
	struct report_notice *notices =
		reallocarray(data->notices, data->n_notices + 1, sizeof(*notices));
	char *copy;

	if (!notices)
		return -ENOMEM;
	data->notices = notices;
	copy = strndup(text, n);
	if (!copy)
		return -ENOMEM;
	notices[data->n_notices++] = (struct report_notice){run, is_loss, copy};
	return 0;
}

const char *report_message(const struct report_data *data, size_t i, bool *is_loss)
{
	*is_loss = i < data->n_notes;
	if (i < data->n_notes)
		return data->notes[i];
	i -= data->n_notes;
	if (i >= data->n_notices)
		return NULL;
	*is_loss = data->notices[i].is_loss;
	return data->notices[i].text;
}
