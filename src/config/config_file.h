/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The configuration as text: the file with the overrides merged over it, and ${VAR} in strings. */
#ifndef CONFIG_CONFIG_FILE_H
#define CONFIG_CONFIG_FILE_H

#include <stddef.h>

#include "config/config.h"
#include "config/toml.h"

/* The texts that a configuration was read from. The values of root point into origins. */
struct config_document {
	struct toml_value *root;
	char **origins; /* names of the texts, for messages */
	size_t n_origins;
};

/*
 * Read the requested file, if there is one, and merge the overrides over it, in order. Returns 0,
 * or a negative errno, logged except -ENOMEM: the file cannot be read or is required but missing,
 * or a text is not valid TOML. Call config_document_free() either way.
 */
int config_document_read(const struct config_request *request, struct config_document *document);
void config_document_free(struct config_document *document);

/*
 * Replace ${NAME} by the environment variable in every string below value; "\${" becomes "${".
 * Returns 0, -EINVAL after logging each variable that is not set or malformed, or -ENOMEM.
 */
int config_expand(struct toml_value *value);

/* log_error() or log_warn(), prefixed with the place: "alumet-config.toml:3:17: …". */
void config_error(const struct toml_value *value, struct toml_place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void config_warn(const struct toml_value *value, struct toml_place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
