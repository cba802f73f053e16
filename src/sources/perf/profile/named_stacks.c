/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/named_stacks.h"

#include <errno.h>
#include <stdlib.h>

/* Add the functions of a frame below a caller's node. Returns the node of the innermost. */
static uint32_t add_functions(struct named_stacks *named, uint32_t caller,
                              const struct frame_name *name)
{
	for (size_t i = 0; i < name->n; i++) {
		const struct stack_frame frame = {.index = name->module,
		                                  .place = name->functions[i]};

		caller = stacks_below(&named->stacks, caller, &frame);
		if (caller == STACK_ROOT)
			break; /* there is no room */
	}
	return caller;
}

static int name_node(struct named_stacks *named, struct naming *naming, const struct stacks *from,
                     size_t i)
{
	struct frame_name name;
	int err = naming_find(naming, &from->nodes[i].frame, &name);

	if (err)
		return err;
	named->nodes[i] = name.is_code
	                          ? add_functions(named, named->nodes[from->nodes[i].parent], &name)
	                          : STACK_ROOT;
	return 0;
}

/* The innermost frame is always code: a sample was taken there. */
static int count_named(struct named_stacks *named, struct naming *naming, const struct stacks *from,
                       const struct stack_count *count)
{
	struct stack_count samples = *count;
	struct frame_name name;
	int err = 0;

	samples.node = named->nodes[count->node];
	if (samples.node == STACK_ROOT && count->node != STACK_ROOT) {
		err = naming_find(naming, &from->nodes[count->node].frame, &name);
		if (!err)
			samples.node = add_functions(named, STACK_ROOT, &name);
		if (!err && samples.node == STACK_ROOT)
			named->stacks.too_many += samples.samples;
	}
	return err ? err : stacks_count(&named->stacks, &samples);
}

int named_stacks_init(struct named_stacks *named, const struct stacks *from, struct naming *naming)
{
	int err = stacks_init(&named->stacks);

	named->stacks.slot_ns = from->slot_ns;
	named->nodes = calloc(from->n_nodes, sizeof(*named->nodes));
	if (!named->nodes)
		err = -ENOMEM;
	/* A caller's number is lower than those of the functions that it calls. */
	for (size_t i = STACK_ROOT + 1; i < from->n_nodes && !err; i++)
		err = name_node(named, naming, from, i);
	for (size_t i = 0; i < from->n_counts && !err; i++)
		err = count_named(named, naming, from, &from->counts[i]);
	return err;
}

void named_stacks_fini(struct named_stacks *named)
{
	stacks_fini(&named->stacks);
	free(named->nodes);
	*named = (struct named_stacks){0};
}
