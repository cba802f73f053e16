/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The configuration as text: the file with the overrides merged over it, and ${VAR} in strings. */
#ifndef AGENT_CONFIG_FILE_H
#define AGENT_CONFIG_FILE_H

#include <stddef.h>

#include "config/config.h"
#include "config/toml.h"

/* What a configuration was read from. The values of root point into origins. */
struct config_document {
	struct toml_value *root;
	char **origins; /* names of the texts for messages */
	size_t n_origins;
};

/*
 * Read the request's file, if there is one, and merge the overrides over it, in order.
 * Returns 0, or a negative errno after telling the user: the file cannot be read or is not there
 * although it must be, or a text is no TOML. document is valid for config_document_free() either
 * way.
 */
int config_document_read(const struct config_request *request, struct config_document *document);
void config_document_free(struct config_document *document);

/*
 * Replace ${NAME} by the environment variable in every string below value; "\${" becomes "${".
 * Returns 0, -EINVAL after telling the user of each variable that is not set or ill-written, or
 * -ENOMEM.
 */
int config_expand(struct toml_value *value);

/* log_error() or log_warn() with the place before it: "alumet-config.toml:3:17: …". */
void config_error(const struct toml_value *value, struct toml_place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void config_warn(const struct toml_value *value, struct toml_place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
