/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A hint when a shell command line was given instead of a program name. */
#ifndef RUN_COMMAND_HINT_H
#define RUN_COMMAND_HINT_H

/*
 * name: the first word of a command that was not found. Returns a sentence that says what it is and
 * how to write it; the caller frees it. NULL if it looks like a program name, or on out of memory.
 */
char *command_hint(const char *name);

#endif
