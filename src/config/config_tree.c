/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The plain C half of toml.h: looking up, merging and freeing values. */
#include "config/toml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Free what the value owns, and leave an empty value. */
static void value_fini(struct toml_value *value)
{
	if (value->type == TOML_STRING)
		free(value->string);
	for (size_t i = 0; i < value->n; i++) {
		value_fini(&value->items[i]);
		free(value->items[i].key);
	}
	free(value->items);
	value->items = NULL;
	value->n = 0;
	value->string = NULL;
	value->type = TOML_STRING;
}

void toml_free(struct toml_value *root)
{
	if (!root)
		return;
	value_fini(root);
	free(root);
}

struct toml_value *toml_get(const struct toml_value *table, const char *key)
{
	for (size_t i = 0; i < table->n; i++) {
		const char *known = table->items[i].key; /* NULL: moved away by toml_merge() */

		if (known && strcmp(known, key) == 0)
			return &table->items[i];
	}
	return NULL;
}

/* Move value to the end of table, leaving value empty and without a key. */
static int append(struct toml_value *table, struct toml_value *value)
{
	struct toml_value *items = reallocarray(table->items, table->n + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	table->items = items;
	items[table->n++] = *value;
	*value = (struct toml_value){0};
	return 0;
}

static void replace(struct toml_value *old, struct toml_value *value)
{
	value_fini(old);
	free(old->key);
	*old = *value;
	*value = (struct toml_value){0};
}

int toml_merge(struct toml_value *table, struct toml_value *from)
{
	int err = 0;

	for (size_t i = 0; i < from->n && !err; i++) {
		struct toml_value *value = &from->items[i];
		struct toml_value *old = toml_get(table, value->key);

		if (!old)
			err = append(table, value);
		else if (old->type == TOML_TABLE && value->type == TOML_TABLE)
			err = toml_merge(old, value);
		else
			replace(old, value);
	}
	if (!err) {
		value_fini(from);
		from->type = TOML_TABLE;
	}
	return err;
}

const char *toml_type_name(enum toml_type type)
{
	switch (type) {
	case TOML_STRING:
		return "a string";
	case TOML_INTEGER:
		return "an integer";
	case TOML_FLOAT:
		return "a number with a fraction";
	case TOML_BOOLEAN:
		return "true or false";
	case TOML_DATETIME:
		return "a date or time";
	case TOML_ARRAY:
		return "a list";
	case TOML_TABLE:
		return "a table";
	}
	return "a value";
}
