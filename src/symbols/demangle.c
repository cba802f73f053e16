/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "symbols/demangle.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libiberty/demangle.h>

/*
 * The length of a symbol without its version ("@@GLIBC_2.2") and without the suffixes that
 * compilers append to parts and variants of functions.
 */
static size_t own_length(const char *symbol)
{
	static const char *const suffixes[] = {".constprop.", ".isra.", ".part.",     ".cold",
	                                       ".lto_priv.",  ".llvm.", ".localalias"};
	size_t n = strcspn(symbol + 1, "@") + 1;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		const char *at = strstr(symbol + 1, suffixes[i]);

		if (at && (size_t)(at - symbol) < n)
			n = (size_t)(at - symbol);
	}
	return n;
}

/* --- names that are made to be long ----------------------------------------------------------- */

/* Longer names are truncated. */
#define NAME_SIZE_MAX 16384

/* Real names with a pack expansion have fewer substitutions. */
#define SUBSTITUTIONS_MAX 64

/*
 * A substitution ("S1_") or back reference repeats an earlier part, which may have some itself: 260
 * characters can expand to 600 megabytes. Only longjmp() stops the library.
 */
struct output {
	char *text;
	size_t n;
	jmp_buf full;
};

static void append(const char *bytes, size_t n, void *data)
{
	struct output *output = data;
	const size_t room = NAME_SIZE_MAX - output->n;
	const size_t taken = n < room ? n : room;

	memcpy(output->text + output->n, bytes, taken);
	output->n += taken;
	if (taken < n)
		longjmp(output->full, 1);
}

/*
 * For each pack expansion ("Dp"), the library searches its pattern for the pack before it writes
 * anything, and again for each substitution around it. No real name has many of both.
 */
static bool is_costly(const char *symbol)
{
	size_t expansions = 0, substitutions = 0;

	for (const char *at = symbol; *at; at++) {
		expansions += at[0] == 'D' && at[1] == 'p';
		substitutions += at[0] == 'S' || at[0] == 'T';
	}
	return expansions > 0 && substitutions > SUBSTITUTIONS_MAX;
}

/* Write the name without parameters and return type. Returns false if it is not mangled. */
static bool write_name(const char *symbol, struct output *output)
{
	if (setjmp(output->full))
		return true;
	if (rust_demangle_callback(symbol, DMGL_NO_OPTS, append, output))
		return true;
	output->n = 0;
	return strncmp(symbol, "_Z", 2) == 0 && !is_costly(symbol) &&
	       cplus_demangle_v3_callback(symbol, DMGL_NO_OPTS, append, output) && output->n > 0;
}

/* ---------------------------------------------------------------------------------------------- */

char *demangle(const char *symbol)
{
	char *copy = *symbol ? strndup(symbol, own_length(symbol)) : strdup(symbol);
	struct output output = {.text = NULL};

	if (!copy || copy[0] != '_' || (copy[1] != 'Z' && copy[1] != 'R'))
		return copy;
	output.text = malloc(NAME_SIZE_MAX + 1);
	if (!output.text || !write_name(copy, &output)) {
		free(output.text);
		return copy;
	}
	free(copy);
	output.text[output.n] = '\0';
	return output.text;
}
