/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/life_schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int life_field_index(const struct life_schema *schema, const char *name)
{
	for (size_t i = 0; i < schema->n; i++) {
		if (strcmp(schema->fields[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

int life_fields_add(struct life_fields *fields, const struct life_field *field)
{
	const size_t n = fields->schema.n;
	struct life_field *items;
	struct life_field copy = *field;

	if (life_field_index(&fields->schema, field->name) >= 0)
		return -EEXIST;
	items = reallocarray(fields->items, n + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	fields->items = items;
	fields->schema.fields = items;
	copy.name = strdup(field->name);
	if (!copy.name)
		return -ENOMEM;
	items[n] = copy;
	fields->schema.n = n + 1;
	return (int)n;
}

void life_fields_fini(struct life_fields *fields)
{
	for (size_t i = 0; i < fields->schema.n; i++)
		free((char *)fields->items[i].name);
	free(fields->items);
	*fields = (struct life_fields){.items = NULL};
}
