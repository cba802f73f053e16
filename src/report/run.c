/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void report_data_fini(struct report_data *data)
{
	for (size_t i = 0; i < data->n_fields; i++)
		free(data->fields[i].name);
	for (size_t i = 0; i < data->n_energies; i++)
		free(data->energies[i].samples);
	for (size_t i = 0; i < data->n_notes; i++)
		free(data->notes[i]);
	free(data->runs);
	free(data->processes);
	free(data->fields);
	free(data->values);
	free(data->energies);
	free(data->slices);
	free(data->notes);
	report_texts_fini(&data->texts);
	*data = (struct report_data){.n_runs = 0};
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
