/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/functions.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * Whether samples show where a value comes from. They do so only for CPU time and energy, which
 * depend on the executed code.
 */
static bool samples_have_value(const struct report_data *data, int field)
{
	return data->n_counts > 0 && field >= 0 &&
	       (data->fields[field].kind == FIELD_CPU_TIME ||
	        data->fields[field].kind == FIELD_ENERGY);
}

int report_function_compare(const void *a, const void *b)
{
	const struct report_function *x = a, *y = b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return x->frame < y->frame ? -1 : x->frame > y->frame;
}

/* The end of the counts of one process, which begin at i; adds up their weights and prices. */
static size_t end_of_process(const struct report_data *data, size_t i, double *weight,
                             double *priced)
{
	const uint32_t process = data->counts[i].process;

	for (*weight = *priced = 0; i < data->n_counts && data->counts[i].process == process; i++) {
		*weight += data->counts[i].weight;
		*priced += data->counts[i].priced;
	}
	return i;
}

static void share_out(const struct report_data *data, int field, const struct fold *fold,
                      struct report_functions *functions)
{
	for (size_t i = 0, end; i < data->n_counts; i = end) {
		const uint32_t process = data->counts[i].process;
		const uint32_t node = fold->of_process[process];
		const double value = report_value(data, process, field);
		double weight, priced;
		bool by_price;

		end = end_of_process(data, i, &weight, &priced);
		if (isnan(value) || weight <= 0)
			continue;
		by_price = data->fields[field].kind == FIELD_ENERGY && priced > 0;
		for (size_t j = i; j < end; j++) {
			const double part = by_price ? data->counts[j].priced / priced
			                             : data->counts[j].weight / weight;
			const double share = value * part;

			if (data->counts[j].frame == NO_FRAME)
				continue;
			functions->functions[functions->n++] = (struct report_function){
				.node = node, .frame = data->counts[j].frame, .value = share};
			functions->rest[node] -= share;
		}
	}
}

static void merge(struct report_functions *functions)
{
	size_t n = 0;

	if (functions->n == 0)
		return;
	qsort(functions->functions, functions->n, sizeof(*functions->functions),
	      report_function_compare);
	for (size_t i = 0; i < functions->n; i++) {
		const struct report_function *function = &functions->functions[i];

		if (n > 0 && report_function_compare(&functions->functions[n - 1], function) == 0)
			functions->functions[n - 1].value += function->value;
		else
			functions->functions[n++] = *function;
	}
	functions->n = n;
}

static int start(const struct report_data *data, const struct fold *fold,
                 struct report_functions *functions)
{
	*functions = (struct report_functions){.n = 0};
	functions->functions = malloc((data->n_counts + 1) * sizeof(*functions->functions));
	functions->rest = calloc(fold->n + 1, sizeof(*functions->rest));
	if (functions->functions && functions->rest)
		return 0;
	report_functions_fini(functions);
	return -ENOMEM;
}

int report_functions_make(const struct report_data *data, int field, const struct fold *fold,
                          struct report_functions *functions)
{
	int err = start(data, fold, functions);

	if (err)
		return err;
	for (size_t i = 0; i < fold->n; i++)
		functions->rest[i] = isnan(fold->nodes[i].value) ? 0 : fold->nodes[i].value;
	if (samples_have_value(data, field))
		share_out(data, field, fold, functions);
	merge(functions);
	return 0;
}

int report_functions_count(const struct report_data *data, const struct fold *fold,
                           struct report_functions *functions)
{
	int err = start(data, fold, functions);

	for (size_t i = 0; i < data->n_counts && !err; i++) {
		const struct report_count *count = &data->counts[i];

		functions->functions[functions->n++] = (struct report_function){
			.node = fold->of_process[count->process],
			.frame = count->frame,
			.value = count->samples,
		};
	}
	if (!err)
		merge(functions);
	return err;
}

void report_functions_fini(struct report_functions *functions)
{
	free(functions->functions);
	free(functions->rest);
	*functions = (struct report_functions){.n = 0};
}
