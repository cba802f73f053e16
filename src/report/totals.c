/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/totals.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/names.h"
#include "report/number_math.h"

static int init_command(struct report_command *command, const struct report_text *label,
                        size_t n_fields)
{
	*command = (struct report_command){.label = label};
	command->values = calloc(n_fields + 1, sizeof(*command->values));
	if (!command->values)
		return -ENOMEM;
	for (size_t i = 0; i < n_fields; i++)
		command->values[i] = NAN;
	return 0;
}

static void add_process(const struct report_data *data, struct report_command *command, size_t i)
{
	const struct report_process *process = &data->processes[i];

	command->processes++;
	command->failed += process->signal || process->exit_status;
	command->wall_ns += (double)(process->end_ns - process->begin_ns);
	for (size_t f = 0; f < data->n_fields; f++) {
		const double value = report_value(data, i, (int)f);
		double *sum = &command->values[f];

		if (isnan(value))
			continue;
		if (isnan(*sum))
			*sum = value;
		else
			*sum = data->fields[f].is_max ? larger(*sum, value) : *sum + value;
	}
}

/*
 * The command with a label, added if it is new; NULL if memory ran out. place: by the id of a text,
 * the command's index + 1.
 */
static struct report_command *find_command(const struct report_data *data,
                                           struct report_totals *totals,
                                           const struct report_text *label, uint32_t **place,
                                           size_t *n_places)
{
	if (label->id >= *n_places) {
		const size_t wanted = 2 * ((size_t)label->id + 64);
		uint32_t *grown = reallocarray(*place, wanted, sizeof(*grown));

		if (!grown)
			return NULL;
		memset(grown + *n_places, 0, (wanted - *n_places) * sizeof(*grown));
		*place = grown;
		*n_places = wanted;
	}
	if (!(*place)[label->id]) {
		struct report_command *commands =
			reallocarray(totals->commands, totals->n + 1, sizeof(*commands));

		if (!commands)
			return NULL;
		totals->commands = commands;
		if (init_command(&commands[totals->n], label, data->n_fields))
			return NULL;
		(*place)[label->id] = (uint32_t)++totals->n;
	}
	return &totals->commands[(*place)[label->id] - 1];
}

static int compare_commands(const void *a, const void *b, void *cpu_field)
{
	const struct report_command *x = a, *y = b;
	const int field = *(const int *)cpu_field;
	const double x_cost = field < 0 ? x->wall_ns : x->values[field];
	const double y_cost = field < 0 ? y->wall_ns : y->values[field];

	if (isnan(x_cost) || isnan(y_cost) || x_cost == y_cost)
		return isnan(x_cost) != isnan(y_cost) ? (isnan(x_cost) ? 1 : -1)
		                                      : strcmp(x->label->bytes, y->label->bytes);
	return x_cost < y_cost ? 1 : -1;
}

static int add_to_totals(struct report_data *data, struct report_totals *totals, size_t i,
                         uint32_t **place, size_t *n_places)
{
	char buffer[32];
	const char *name = report_label(&data->processes[i], buffer);
	const struct report_text *label = report_texts_get(&data->texts, name, strlen(name));
	struct report_command *command =
		label ? find_command(data, totals, label, place, n_places) : NULL;

	if (!command)
		return -ENOMEM;
	add_process(data, command, i);
	add_process(data, &totals->all, i);
	return 0;
}

/* Of the processes from first to before end. rank NULL: all ranks. */
static int make_totals(struct report_data *data, size_t first, size_t end,
                       const struct report_text *rank, struct report_totals *totals)
{
	int cpu = report_field_of(data, FIELD_CPU_TIME);
	uint32_t *place = NULL;
	size_t n_places = 0;
	int err;

	*totals = (struct report_totals){.n = 0};
	err = init_command(&totals->all, NULL, data->n_fields);
	for (size_t i = first; i < end && !err; i++) {
		if (!rank || data->processes[i].rank == rank)
			err = add_to_totals(data, totals, i, &place, &n_places);
	}
	free(place);
	if (totals->n > 0)
		qsort_r(totals->commands, totals->n, sizeof(*totals->commands), compare_commands,
		        &cpu);
	return err;
}

int report_totals_make(struct report_data *data, struct report_totals *totals)
{
	return make_totals(data, 0, data->n_processes, NULL, totals);
}

int report_totals_make_rank(struct report_data *data, uint32_t run, const struct report_text *rank,
                            struct report_totals *totals)
{
	return make_totals(data, report_first_of(data, run), report_first_of(data, run + 1), rank,
	                   totals);
}

void report_totals_fini(struct report_totals *totals)
{
	for (size_t i = 0; i < totals->n; i++)
		free(totals->commands[i].values);
	free(totals->commands);
	free(totals->all.values);
	*totals = (struct report_totals){.n = 0};
}
