/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Settings: a plugin says once, in a table, which keys its part of the configuration has. The
 * configuration reader fills the plugin's own struct from it, checks types, names the nearest
 * known key for a wrong one, and writes the commented default file.
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
	SETTING_DURATION, /* uint64_t, ns; TOML string as humantime writes it: "1m 30s" */
	SETTING_SIZE,     /* uint64_t, bytes; TOML string "1MiB" or integer; "auto" is 0 */
	SETTING_LIST, /* struct setting_list; TOML array of strings or { event, rename } tables */
	SETTING_TEXT, /* char *, owned by the settings struct; TOML string or number, as text */
	/*
	 * struct setting_list; TOML table of tables: each with its key as the rename, and what is in
	 * it as the text, "key=value\n" line by line, keys of inner tables joined with points.
	 */
	SETTING_TABLES,
	SETTING_IGNORED, /* accepted for compatibility, without effect, said once */
};

/* An entry of a list: a text, and the name that it shall have instead of its own, or NULL. */
struct setting_item {
	char *text;
	char *rename;
};

/* A list setting. is_set tells an empty list that was configured from one that was not. */
struct setting_list {
	struct setting_item *items;
	size_t n;
	bool is_set;
	char *where; /* "alumet-config.toml:3:10: plugins.perf.events"; NULL: an option's, or none */
};

/* Which values of its type a setting can have. */
struct setting_values {
	const char *const *choices; /* SETTING_CHOICE: NULL-terminated */

	/*
	 * For other types, or NULL: given the filled field, what is wrong with it, a literal that
	 * goes on after "plugins.csv.csv_delimiter = \"::\": "; NULL if it can be used.
	 */
	const char *(*problem)(const void *field);

	/*
	 * SETTING_LIST, or NULL: take what an option has for this setting, "cycles,instructions",
	 * in place of what stands in the plugin's settings. Returns 0, -ENOMEM, or another negative
	 * errno after telling the user what is wrong.
	 */
	int (*take_text)(void *settings, const char *text);
};

struct setting {
	const char *key;
	enum setting_type type;
	size_t offset;       /* of the field in the plugin's settings struct */
	const char *initial; /* default, as TOML text: "true", "\"1s\""; NULL: unset */
	const struct setting_values *values; /* NULL: all of the type; not for SETTING_CHOICE */
	const char *help;                    /* one or more lines, without comment signs */
};

#endif
