/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/fold.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/names.h"
#include "report/slots.h"

static uint64_t hash(const void *item)
{
	const struct fold_node *node = item;

	return (uint64_t)node->parent << 32 ^ node->label->id;
}

static bool is_same(const void *item, const void *other)
{
	const struct fold_node *x = item, *y = other;

	return x->parent == y->parent && x->label == y->label;
}

static const struct slots_kind kind = {sizeof(struct fold_node), hash, is_same};

static int enter(struct slots *slots, struct fold *fold, uint32_t parent,
                 const struct report_text *label, uint32_t *index)
{
	const struct fold_node node = {.parent = parent, .label = label, .value = NAN};
	struct fold_node *nodes = slots_enter(slots, &kind, fold->nodes, fold->n, &node, index);

	if (!nodes)
		return -ENOMEM;
	fold->nodes = nodes;
	fold->n += *index == fold->n;
	return 0;
}

int fold_processes(struct report_data *data,
                   double (*value)(const struct report_data *data, size_t process, int field),
                   int field, struct fold *fold)
{
	struct slots slots = {.n = 0}; /* of nodes */
	int err = 0;

	*fold = (struct fold){.n = 0};
	fold->of_process = malloc((data->n_processes + 1) * sizeof(*fold->of_process));
	if (!fold->of_process)
		return -ENOMEM;
	for (size_t i = 0; i < data->n_processes && !err; i++) {
		const struct report_process *process = &data->processes[i];
		char buffer[32];
		const char *name = report_label(process, buffer);
		const struct report_text *label =
			report_texts_get(&data->texts, name, strlen(name));
		const uint32_t parent = process->parent == NO_PROCESS
		                                ? NO_PROCESS
		                                : fold->of_process[process->parent];
		const double own = value(data, i, field);
		struct fold_node *node;

		err = label ? enter(&slots, fold, parent, label, &fold->of_process[i]) : -ENOMEM;
		if (err)
			break;
		node = &fold->nodes[fold->of_process[i]];
		node->processes++;
		if (!isnan(own))
			node->value = (isnan(node->value) ? 0 : node->value) + own;
	}
	slots_fini(&slots);
	if (err)
		fold_fini(fold);
	return err;
}

void fold_fini(struct fold *fold)
{
	free(fold->nodes);
	free(fold->of_process);
	*fold = (struct fold){.n = 0};
}
