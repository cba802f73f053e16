/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/fold.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/names.h"
#include "report/slots.h"

struct folding {
	struct fold *fold;
	struct slots slots; /* of nodes */
};

static uint32_t *find_slot(const struct folding *folding, uint32_t parent,
                           const struct report_text *label)
{
	const struct slots *slots = &folding->slots;
	size_t at = slots_first(slots, (uint64_t)parent << 32 ^ label->id);

	for (; slots->index[at]; at = slots_next(slots, at)) {
		const struct fold_node *node = &folding->fold->nodes[slots->index[at] - 1];

		if (node->parent == parent && node->label == label)
			break;
	}
	return &slots->index[at];
}

/* Make room for one more node. */
static int grow(struct folding *folding)
{
	struct fold *fold = folding->fold;
	struct fold_node *nodes;

	if (fold->n < folding->slots.capacity)
		return 0;
	nodes = slots_grow(&folding->slots, fold->nodes, sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	fold->nodes = nodes;
	for (size_t i = 0; i < fold->n; i++)
		*find_slot(folding, nodes[i].parent, nodes[i].label) = (uint32_t)i + 1;
	return 0;
}

static int enter(struct folding *folding, uint32_t parent, const struct report_text *label,
                 uint32_t *index)
{
	uint32_t *slot;
	int err = grow(folding);

	if (err)
		return err;
	slot = find_slot(folding, parent, label);
	if (!*slot) {
		folding->fold->nodes[folding->fold->n++] =
			(struct fold_node){.parent = parent, .label = label, .value = NAN};
		*slot = (uint32_t)folding->fold->n;
	}
	*index = *slot - 1;
	return 0;
}

int fold_processes(struct report_data *data,
                   double (*value)(const struct report_data *data, size_t process, int field),
                   int field, struct fold *fold)
{
	struct folding folding = {.fold = fold};
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

		err = label ? enter(&folding, parent, label, &fold->of_process[i]) : -ENOMEM;
		if (err)
			break;
		node = &fold->nodes[fold->of_process[i]];
		node->processes++;
		if (!isnan(own))
			node->value = (isnan(node->value) ? 0 : node->value) + own;
	}
	slots_fini(&folding.slots);
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
