/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TOML 1.0 as a tree of plain C values that record where they were written. toml.cpp parses with
 * toml++; neither its types nor C++ exceptions leave that file.
 */
#ifndef CONFIG_TOML_H
#define CONFIG_TOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum toml_type {
	TOML_STRING,
	TOML_INTEGER,
	TOML_FLOAT,
	TOML_BOOLEAN,
	TOML_DATETIME, /* date, time or both; no setting has this type, so the value is not kept */
	TOML_ARRAY,
	TOML_TABLE,
};

/* Both start at 1, columns in characters; 0: unknown. */
struct toml_place {
	uint32_t line;
	uint32_t column;
};

struct toml_value {
	enum toml_type type;
	char *key;               /* in a table; NULL in an array and at the root */
	const char *origin;      /* as given to toml_parse() */
	struct toml_place place; /* of the value */
	struct toml_place key_place;
	union {
		char *string; /* without NUL bytes: toml_parse() refuses them */
		int64_t integer;
		double real;
		bool boolean;
	};
	struct toml_value *items; /* of an array, in order; of a table, in the file's order */
	size_t n;
};

struct toml_error {
	struct toml_place place;
	char message[256];
};

/*
 * Parse a document. origin names it in messages ("alumet-config.toml"); it is not copied and must
 * outlive the tree. Returns 0 and the root table, to be freed with toml_free(); -EINVAL with *error
 * filled; or -ENOMEM.
 */
int toml_parse(const char *text, size_t length, const char *origin, struct toml_value **root,
               struct toml_error *error);

/* Free a tree from toml_parse(). Accepts NULL. */
void toml_free(struct toml_value *root);

/* The value of a key of a table, or NULL. */
struct toml_value *toml_get(const struct toml_value *table, const char *key);

/*
 * Merge from into table, key by key and table by table; any other value, also an array, replaces
 * the one with the same key. Values are moved: from is an empty table afterwards and must still be
 * freed. Returns 0 or -ENOMEM; both trees are valid either way.
 */
int toml_merge(struct toml_value *table, struct toml_value *from);

/* "a string", "an integer" …: for messages. */
const char *toml_type_name(enum toml_type type);

#ifdef __cplusplus
}
#endif

#endif
