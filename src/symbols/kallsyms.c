/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "symbols/kallsyms.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sorted.h"
#include "core/text.h"

struct symbol {
	uint64_t address; /* first, for sorted_upto() */
	const char *name, *module;
	size_t order; /* position in the file: of several names for one address the first is used */
};

struct kallsyms {
	struct text text; /* the whole file, with each word terminated by a NUL */
	struct symbol *symbols;
	size_t n, capacity;
};

static int read_all(const char *path, struct text *text)
{
	FILE *file = fopen(path, "re");
	size_t n;
	int err = 0;

	if (!file)
		return -errno;
	do {
		if (!text_grow(text, 1 << 16)) {
			err = -ENOMEM;
			break;
		}
		n = fread(text->data + text->n, 1, text->capacity - text->n, file);
		text->n += n;
	} while (n > 0);
	if (!err && ferror(file))
		err = -EIO;
	fclose(file);
	text_add_char(text, '\0');
	return text->failed ? -ENOMEM : err;
}

static int add(struct kallsyms *symbols, const struct symbol *symbol)
{
	if (symbols->n == symbols->capacity) {
		const size_t room = symbols->capacity ? 2 * symbols->capacity : 1 << 16;
		struct symbol *grown = reallocarray(symbols->symbols, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		symbols->symbols = grown;
		symbols->capacity = room;
	}
	symbols->symbols[symbols->n] = *symbol;
	symbols->symbols[symbols->n].order = symbols->n;
	symbols->n++;
	return 0;
}

/* Not strtoull(), which is slower: there are hundreds of thousands of lines. */
static uint64_t parse_hex(char **at)
{
	uint64_t value = 0;

	for (;; ++*at) {
		const char c = **at;

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint64_t)(c - 'a' + 10);
		else
			return value;
	}
}

/* Parse "ffffffff81000000 T _stext"; for a module, "\t[nfs]" follows. */
static int take_line(struct kallsyms *symbols, char *line)
{
	struct symbol symbol = {.address = parse_hex(&line)};
	char type, *module;

	if (line[0] != ' ' || !line[1] || line[2] != ' ')
		return 0;
	type = line[1];
	if ((type != 't' && type != 'T' && type != 'w' && type != 'W') || !symbol.address)
		return 0;
	line += 3;
	module = strchr(line, '\t');
	if (module) {
		*module++ = '\0';
		symbol.module = module;
	}
	symbol.name = line;
	return *line ? add(symbols, &symbol) : 0;
}

static int compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/*
 * The kernel's own symbols are sorted already; only those of modules, which follow them, have to be
 * sorted.
 */
static void sort(struct kallsyms *symbols)
{
	size_t sorted = 1;
	bool overlaps = false;

	while (sorted < symbols->n &&
	       symbols->symbols[sorted - 1].address <= symbols->symbols[sorted].address)
		sorted++;
	for (size_t i = sorted; i < symbols->n; i++)
		overlaps = overlaps ||
		           symbols->symbols[i].address < symbols->symbols[sorted - 1].address;
	if (overlaps)
		sorted = 0; /* modules do not follow on this kernel: sort everything */
	if (sorted < symbols->n)
		qsort(symbols->symbols + sorted, symbols->n - sorted, sizeof(*symbols->symbols),
		      compare);
}

int kallsyms_read(const char *path, struct kallsyms **result)
{
	struct kallsyms *symbols = calloc(1, sizeof(*symbols));
	char *line, *rest;
	int err = symbols ? read_all(path, &symbols->text) : -ENOMEM;

	*result = NULL;
	rest = err ? NULL : symbols->text.data;
	while (!err && (line = strsep(&rest, "\n")))
		err = take_line(symbols, line);
	if (!err && symbols->n == 0)
		err = -EACCES; /* all addresses are 0 */
	if (err) {
		kallsyms_free(symbols);
		return err;
	}
	sort(symbols);
	*result = symbols;
	return 0;
}

void kallsyms_free(struct kallsyms *symbols)
{
	if (!symbols)
		return;
	text_fini(&symbols->text);
	free(symbols->symbols);
	free(symbols);
}

const char *kallsyms_name(const struct kallsyms *symbols, uint64_t address, const char **module)
{
	size_t i = sorted_upto(symbols->symbols, symbols->n, sizeof(*symbols->symbols), address);

	if (i == 0)
		return NULL;
	i--;
	while (i > 0 && symbols->symbols[i - 1].address == symbols->symbols[i].address)
		i--;
	*module = symbols->symbols[i].module;
	return symbols->symbols[i].name;
}
