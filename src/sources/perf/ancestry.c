/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/ancestry.h"

#include <stdlib.h>
#include <string.h>

void ancestry_add(struct ancestry *ancestry, struct process_id id, uint64_t exec_ns, char *exe,
                  const char *rank)
{
	struct ancestor *oldest = &ancestry->ended[ancestry->next];

	if (!exe)
		return;
	free(oldest->exe);
	*oldest = (struct ancestor){.id = id, .exec_ns = exec_ns, .exe = exe};
	memcpy(oldest->rank, rank, sizeof(oldest->rank));
	ancestry->next = (ancestry->next + 1) % ANCESTRY_SIZE;
}

const struct ancestor *ancestry_find(const struct ancestry *ancestry, struct process_id id)
{
	for (size_t i = 0; i < ANCESTRY_SIZE; i++) {
		const struct ancestor *ancestor = &ancestry->ended[i];

		if (ancestor->exe && ancestor->id.start_ns == id.start_ns &&
		    ancestor->id.pid == id.pid)
			return ancestor;
	}
	return NULL;
}

void ancestry_fini(struct ancestry *ancestry)
{
	for (size_t i = 0; i < ANCESTRY_SIZE; i++)
		free(ancestry->ended[i].exe);
	*ancestry = (struct ancestry){.next = 0};
}
