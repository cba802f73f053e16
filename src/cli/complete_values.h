/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Completion: what the value of each option can be. For the output see cli/complete.h. */
#ifndef CLI_COMPLETE_VALUES_H
#define CLI_COMPLETE_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"
#include "cli/options_help.h"

/* The value of an option, at a place in a word. */
struct value_place {
	const char *word;
	size_t begin; /* of the value in the word: 10 for "--summary=" */
	enum action action;
	bool has_action;
};

/* Print the candidates for the value of an option. */
void complete_value(const struct option_info *option, struct value_place place);

/* Print the pids of all processes. */
void complete_pids(struct value_place place);

/*
 * Print a candidate: the word up to its value, and the name. The description is help up to the
 * first of ",;:(.", without line breaks.
 */
void complete_offer(struct value_place place, const char *name, const char *help);

/* For tests: whether complete_value() knows the option. */
bool complete_has_value(int code);

#endif
