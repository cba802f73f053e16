/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a reader calls a process: the name of its command, and those of its arguments that tell it
 * from others of the same command ("cc1" and "…/networking.c", "python3" and "-m pytest tests/x").
 */
#ifndef TREE_LABEL_H
#define TREE_LABEL_H

#include <stddef.h>

#include "alumet/life.h"

/*
 * Stands in a label for what was left out. Shown as an ellipsis in the user's character set; a
 * process's own text never holds this byte once it is in a label.
 */
#define LABEL_CUT '\x1a'

#define LABEL_NAME_SIZE 256  /* NAME_MAX and its NUL */
#define LABEL_DETAIL_SIZE 96 /* longer details are cut in the middle */

struct label {
	char name[LABEL_NAME_SIZE];
	char detail[LABEL_DETAIL_SIZE]; /* "" when no argument tells anything */
};

/*
 * The label of a process. Its name is that of the program's file, or the one that it gave itself;
 * " (fork)" follows if it only copied its parent. The detail is, of a command line of at most some 30
 * letters, all arguments; of interpreters the script or its text; of compilers and linkers the source
 * file, else the file they make; of others the arguments that are not options. Paths are shortened
 * to their last part.
 */
void label_make(const struct life *life, struct label *label);

/*
 * The whole command line for a reader: arguments joined by blanks, in quotes where one is empty or has
 * blanks; cut at its end to size. "" when the arguments are not known.
 */
void label_command_line(const struct life *life, char *text, size_t size);

#endif
