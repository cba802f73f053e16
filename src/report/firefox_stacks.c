/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/firefox_stacks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

struct making {
	const struct report_data *data;
	const struct fold *fold;
	struct firefox_stacks *result;
	struct report_functions functions;
	uint32_t *leaf; /* the stack of each function */
	/* For each frame: its stack below the current node, and the node for which it was set. */
	uint32_t *stack, *of_node;
	uint32_t *path; /* frames that have no stack yet, the innermost first */
	size_t capacity;
};

static int add_stack(struct making *making, uint32_t prefix, const struct report_text *label)
{
	struct firefox_stacks *result = making->result;

	if (result->n == making->capacity) {
		const size_t room = making->capacity ? 2 * making->capacity : 256;
		struct firefox_stack *grown = reallocarray(result->stacks, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		result->stacks = grown;
		making->capacity = room;
	}
	result->stacks[result->n++] = (struct firefox_stack){.prefix = prefix, .label = label};
	return 0;
}

/* Make the stack of a frame below a node, and those of its callers. */
static int make_leaf(struct making *making, uint32_t node, uint32_t frame, uint32_t *leaf)
{
	const struct report_frame *frames = making->data->frames;
	uint32_t prefix = node;
	size_t n = 0;
	int err = 0;

	/* of_node is a node + 1; 0: none. */
	while (frame != NO_FRAME && making->of_node[frame] != node + 1) {
		making->path[n++] = frame;
		frame = frames[frame].parent;
	}
	if (frame != NO_FRAME)
		prefix = making->stack[frame];
	while (n > 0 && !err) {
		frame = making->path[--n];
		err = add_stack(making, prefix, frames[frame].function);
		prefix = (uint32_t)(making->fold->n + making->result->n - 1);
		making->stack[frame] = prefix;
		making->of_node[frame] = node + 1;
	}
	*leaf = prefix;
	return err;
}

static uint32_t stack_of(const struct making *making, const struct report_count *count)
{
	const struct report_function *functions = making->functions.functions;
	const struct report_function key = {.node = making->fold->of_process[count->process],
	                                    .frame = count->frame};
	const struct report_function *found =
		count->frame == NO_FRAME ? NULL
					 : bsearch(&key, functions, making->functions.n,
	                                           sizeof(key), report_function_compare);

	return found ? making->leaf[found - functions] : key.node;
}

/* Add the samples of one process, whose counts begin at *at. */
static void add_process(struct making *making, uint32_t process, double cpu_ns, size_t *at)
{
	const struct report_data *data = making->data;
	struct firefox_stacks *result = making->result;
	struct firefox_sample *own = &result->samples[result->n_samples++];
	double weight = 0;
	size_t end = *at;

	*own = (struct firefox_sample){
		.stack = making->fold->of_process[process],
		.time_ns = data->processes[process].begin_ns,
		.cpu_ns = isnan(cpu_ns) ? 0 : cpu_ns,
	};
	for (; end < data->n_samples && data->samples[end].process == process; end++)
		weight += data->samples[end].weight;
	for (; *at < end; ++*at) {
		const struct report_count *count = &data->samples[*at];
		const double part =
			weight > 0 && !isnan(cpu_ns) ? cpu_ns * (count->weight / weight) : 0;

		result->samples[result->n_samples++] = (struct firefox_sample){
			.stack = stack_of(making, count),
			.time_ns = count->time_ns,
			.cpu_ns = part,
		};
		own->cpu_ns = own->cpu_ns > part ? own->cpu_ns - part : 0;
	}
}

static int compare_times(const void *a, const void *b)
{
	const struct firefox_sample *x = a, *y = b;

	return x->time_ns < y->time_ns ? -1 : x->time_ns > y->time_ns;
}

static int make(struct making *making)
{
	const struct report_data *data = making->data;
	struct firefox_stacks *result = making->result;
	const int cpu = report_field_of(data, FIELD_CPU_TIME);
	size_t at = 0;
	int err = report_functions_count(data, making->fold, &making->functions);

	if (err)
		return err;
	making->leaf = calloc(making->functions.n + 1, sizeof(*making->leaf));
	making->stack = calloc(data->n_frames + 1, sizeof(*making->stack));
	making->of_node = calloc(data->n_frames + 1, sizeof(*making->of_node));
	making->path = calloc(data->n_frames + 1, sizeof(*making->path));
	result->samples = calloc(data->n_processes + data->n_samples + 1, sizeof(*result->samples));
	if (!making->leaf || !making->stack || !making->of_node || !making->path ||
	    !result->samples)
		return -ENOMEM;
	for (size_t i = 0; i < making->functions.n && !err; i++) {
		const struct report_function *function = &making->functions.functions[i];

		err = make_leaf(making, function->node, function->frame, &making->leaf[i]);
	}
	for (uint32_t i = 0; i < data->n_processes && !err; i++)
		add_process(making, i, report_value(data, i, cpu), &at);
	/* Firefox finds samples by bisection, so their times must increase. */
	if (result->n_samples > 0)
		qsort(result->samples, result->n_samples, sizeof(*result->samples), compare_times);
	return err;
}

int firefox_stacks_make(const struct report_data *data, const struct fold *fold,
                        struct firefox_stacks *stacks)
{
	struct making making = {.data = data, .fold = fold, .result = stacks};
	int err;

	*stacks = (struct firefox_stacks){.n = 0};
	err = make(&making);
	report_functions_fini(&making.functions);
	free(making.leaf);
	free(making.stack);
	free(making.of_node);
	free(making.path);
	if (err)
		firefox_stacks_fini(stacks);
	return err;
}

void firefox_stacks_fini(struct firefox_stacks *stacks)
{
	free(stacks->stacks);
	free(stacks->samples);
	*stacks = (struct firefox_stacks){.n = 0};
}
