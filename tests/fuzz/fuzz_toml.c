/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* TOML documents: the tree is as toml.h describes it, also when two are merged. */
#include "fuzz.h"

#include "config/config_file.h"
#include "config/toml.h"

static void require_tree(const struct toml_value *value, const char *origin, bool in_table)
{
	REQUIRE(value->origin == origin);
	REQUIRE(!in_table || value->key);
	REQUIRE(*toml_type_name(value->type));
	if (value->type == TOML_STRING)
		REQUIRE(value->string && strlen(value->string) <= SIZE_MAX / 2);
	if (value->type != TOML_TABLE && value->type != TOML_ARRAY)
		return;
	for (size_t i = 0; i < value->n; i++) {
		const struct toml_value *item = &value->items[i];

		require_tree(item, origin, value->type == TOML_TABLE);
		if (value->type == TOML_TABLE)
			REQUIRE(toml_get(value, item->key) == item);
	}
}

static struct toml_value *parse(const char *text, size_t length, const char *origin)
{
	struct toml_value *root = NULL;
	struct toml_error error = {.message = ""};

	if (toml_parse(text, length, origin, &root, &error)) {
		REQUIRE(error.message[0]);
		REQUIRE(memchr(error.message, '\0', sizeof(error.message)));
		return NULL;
	}
	REQUIRE(root && root->type == TOML_TABLE && !root->key);
	require_tree(root, origin, false);
	return root;
}

/* After the merge every key of what was merged is there. */
static void require_merged(struct toml_value *root, struct toml_value *from)
{
	size_t n = from->n;
	char **keys = calloc(n + 1, sizeof(*keys));

	if (!keys)
		abort();
	for (size_t i = 0; i < n; i++)
		keys[i] = strdup(from->items[i].key);
	REQUIRE(!toml_merge(root, from));
	REQUIRE(from->n == 0);
	for (size_t i = 0; i < n; i++) {
		REQUIRE(toml_get(root, keys[i]));
		free(keys[i]);
	}
	free(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char a_name[] = "a.toml", b_name[] = "b.toml";
	struct input input = {data, size};
	size_t n_a = take_u8(&input) * input.n / 256, n_b = input.n - n_a;
	char *a_text = take_text(&input, n_a), *b_text = take_rest(&input);
	struct toml_value *a = parse(a_text, n_a, a_name), *b = parse(b_text, n_b, b_name);

	if (a && b)
		require_merged(a, b);
	if (a)
		config_expand(a);
	toml_free(b);
	toml_free(a);
	free(a_text);
	free(b_text);
	return 0;
}
