/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/setting_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void setting_list_clear(struct setting_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->items[i].text);
		free(list->items[i].rename);
	}
	free(list->items);
	free(list->where);
	*list = (struct setting_list){0};
}

int setting_list_add(struct setting_list *list, const char *text, const char *rename)
{
	struct setting_item *items = reallocarray(list->items, list->n + 1, sizeof(*items));
	struct setting_item item = {.text = strdup(text), .rename = rename ? strdup(rename) : NULL};

	if (items)
		list->items = items;
	if (!items || !item.text || (rename && !item.rename)) {
		free(item.text);
		free(item.rename);
		return -ENOMEM;
	}
	items[list->n++] = item;
	list->is_set = true;
	return 0;
}
