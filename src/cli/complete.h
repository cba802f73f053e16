/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Completion of the command line: the shells' scripts in completions/ call the program, which
 * knows its options. Each line of the output is a candidate for the last word as a whole, a tab,
 * and a description, which may be empty; candidates do not all begin as the word does. A line that
 * begins with ":" tells the script what only the shell knows, or how to complete:
 *
 *   :files PREFIX  names of files, after a PREFIX of the word that is not part of the name
 *   :users PREFIX  names of users, likewise
 *   :command N     the word belongs to a command of its own, whose name is word number N
 *   :nospace       the word may go on: no blank is added
 */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

/*
 * Print the candidates for the last of the words, which may be empty. words[0] is the first word
 * after the program's name; NULL ends them. Returns the exit status.
 */
int complete(char *const *words);

#endif
