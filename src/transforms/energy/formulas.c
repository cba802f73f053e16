/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "transforms/energy/formulas.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"

/* The value of a line "key=value" of the table's text; *length: its length. NULL: there is none. */
static const char *value_of(const char *text, const char *key, size_t *length)
{
	const size_t n = strlen(key);

	for (; text && *text; text = strchr(text, '\n'), text = text ? text + 1 : NULL) {
		if (strncmp(text, key, n) == 0 && text[n] == '=') {
			*length = strcspn(text + n + 1, "\n");
			return text + n + 1;
		}
	}
	return NULL;
}

/* Which kind of series a word of the expression names, by the table that defines it. */
enum series { NO_SERIES, OF_RESOURCE, OF_CONSUMER };

static enum series series_of(const char *text, const char *word, size_t length)
{
	static const char *const tables[] = {"per_resource.", "per_consumer."};

	for (size_t i = 0; i < 2; i++) {
		const size_t n = strlen(tables[i]);

		for (const char *line = text; line && *line;
		     line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
			if (strncmp(line, tables[i], n) == 0 &&
			    strncmp(line + n, word, length) == 0 &&
			    (line[n + length] == '.' || line[n + length] == '='))
				return i ? OF_CONSUMER : OF_RESOURCE;
		}
	}
	return NO_SERIES;
}

/* "energy * usage / 100.0": one series of each kind, multiplied; numbers only scale. */
static bool is_product(const char *text, const char *expr, size_t length)
{
	const char *end = expr + length;
	bool divides = false;
	unsigned int resources = 0, consumers = 0;

	while (expr < end) {
		const char c = *expr;

		if (isspace((unsigned char)c) || c == '*' || c == '(' || c == ')') {
			divides = c == '*' ? false : divides;
			expr++;
		} else if (c == '/') {
			divides = true;
			expr++;
		} else if (isdigit((unsigned char)c)) {
			char *behind;

			strtod(expr, &behind);
			expr = behind;
		} else if (isalpha((unsigned char)c) || c == '_') {
			size_t n = 1;
			enum series series;

			while (expr + n < end &&
			       (isalnum((unsigned char)expr[n]) || expr[n] == '_'))
				n++;
			series = series_of(text, expr, n);
			if (series == NO_SERIES || divides)
				return false;
			resources += series == OF_RESOURCE;
			consumers += series == OF_CONSUMER;
			expr += n;
		} else {
			return false;
		}
	}
	return resources == 1 && consumers == 1;
}

int formulas_name(const struct setting_list *formulas, const char **name)
{
	const char *expr;
	size_t length;

	*name = FORMULAS_DEFAULT_NAME;
	if (formulas->n == 0)
		return 0;
	if (formulas->n > 1) {
		log_error("energy-attribution: formulas.%s and formulas.%s: one formula is "
		          "possible, the one that adds up to the counters",
		          formulas->items[0].rename, formulas->items[1].rename);
		return -EINVAL;
	}
	expr = value_of(formulas->items[0].text, "expr", &length);
	if (!expr || !is_product(formulas->items[0].text, expr, length)) {
		log_error("energy-attribution: formulas.%s: expr = \"%.*s\" is not energy × "
		          "usage, the one formula that is possible\n"
		          "leave the table out to have each process's share of the energy",
		          formulas->items[0].rename, expr ? (int)length : 0, expr ? expr : "");
		return -EINVAL;
	}
	*name = formulas->items[0].rename;
	return 0;
}
