/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The label of a process: the name of its command, and the arguments that distinguish it from
 * others of the same command ("cc1" and "…/networking.c", "python3" and "-m pytest tests/x").
 */
#ifndef TREE_LABEL_H
#define TREE_LABEL_H

#include <stddef.h>

#include "alumet/life.h"

/*
 * Marks omitted text in a label. Shown as an ellipsis in the user's character set; replaced if a
 * process's own text has this byte.
 */
#define LABEL_CUT '\x1a'

#define LABEL_NAME_SIZE 256  /* NAME_MAX and its NUL */
#define LABEL_DETAIL_SIZE 96 /* longer details are cut in the middle */

struct label {
	char name[LABEL_NAME_SIZE];
	char detail[LABEL_DETAIL_SIZE]; /* "" when no argument is characteristic */
};

/*
 * Make the label of a process. Its name is the name of the program's file, or the one that it gave
 * itself, followed by " (fork)" if it executed no program. Its detail is, for interpreters, the
 * script or its text; for compilers and linkers, the source file or else the output file; for
 * others, all arguments if they have at most some 30 letters, else those that are not options.
 * Paths are shortened to their last part.
 */
void label_make(const struct life *life, struct label *label);

/*
 * The whole command line for a reader: arguments separated by blanks, quoted if they are empty or
 * have blanks; truncated to size. "" if the arguments are unknown.
 */
void label_command_line(const struct life *life, char *text, size_t size);

#endif
