/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What somebody meant who gave a shell's command line where a program's name belongs. */
#ifndef AGENT_COMMAND_HINT_H
#define AGENT_COMMAND_HINT_H

/*
 * name: the first word of a command that was not found. Returns a sentence that says what it is and
 * how to write it, to be freed; NULL when it looks like a program's name, or memory has run out.
 */
char *command_hint(const char *name);

#endif
