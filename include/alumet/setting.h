/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Settings: a plugin declares the keys of its table in the configuration. The configuration reader
 * fills in the plugin's own struct, checks types, suggests the nearest key for a wrong one, and
 * writes the commented default file.
 */
#ifndef ALUMET_SETTING_H
#define ALUMET_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_type {
	SETTING_BOOL,     /* bool */
	SETTING_UINT,     /* uint64_t; TOML integer >= 0 */
	SETTING_STRING,   /* char *, owned by the settings struct */
	SETTING_CHOICE,   /* int: index into choices */
	SETTING_DURATION, /* uint64_t, ns; TOML string as in humantime: "1m 30s" */
	SETTING_SIZE,     /* uint64_t, bytes; TOML string "1MiB" or integer; "auto" is 0 */
	SETTING_LIST, /* struct setting_list; TOML array of strings or { event, rename } tables */
	SETTING_TEXT, /* char *, owned by the settings struct; TOML string or number, as text */
	/*
	 * struct setting_list; TOML table of tables: each with its key as the rename, and what is
	 * in it as the text, "key=value\n" line by line, keys of inner tables joined with points.
	 */
	SETTING_TABLES,
	SETTING_IGNORED, /* accepted for compatibility, but without effect; logged once */
};

/* An entry of a list: a text, and a name that replaces its own, or NULL. */
struct setting_item {
	char *text;
	char *rename;
};

/* A list setting. is_set distinguishes an empty list from one that is not configured. */
struct setting_list {
	struct setting_item *items;
	size_t n;
	bool is_set;
	char *where; /* "alumet-config.toml:3:10: plugins.perf.events"; NULL: an option, or none */
};

/* The valid values of a setting. */
struct setting_values {
	const char *const *choices; /* SETTING_CHOICE: NULL-terminated */

	/*
	 * For other types, or NULL: returns what is wrong with the field, as a literal that
	 * continues "plugins.csv.csv_delimiter = \"::\": "; NULL if it is valid.
	 */
	const char *(*problem)(const void *field);

	/*
	 * SETTING_LIST, or NULL: replace the plugin's setting by the argument of an option,
	 * "cycles,instructions". Returns 0, -ENOMEM, or another negative errno after logging what
	 * is wrong.
	 */
	int (*take_text)(void *settings, const char *text);

	/*
	 * SETTING_LIST, or NULL: call visit with each name that an entry can have on every machine,
	 * to complete the option's argument.
	 */
	void (*each_name)(void (*visit)(void *data, const char *name), void *data);
};

struct setting {
	const char *key;
	enum setting_type type;
	size_t offset;       /* of the field in the plugin's settings struct */
	const char *initial; /* default in TOML: "true", "\"1s\""; NULL: unset */
	/* NULL: all values of the type are valid; not for SETTING_CHOICE */
	const struct setting_values *values;
	const char *help;                    /* one or more lines, without comment signs */
};

#endif
