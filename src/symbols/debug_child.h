/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The child process that reads debugging information, and the format of its answers in the pipe. */
#ifndef SYMBOLS_DEBUG_CHILD_H
#define SYMBOLS_DEBUG_CHILD_H

#include "symbols/debug_info.h"
#include "symbols/debug_walk.h"

/* The header of an answer; its names follow, each terminated by a NUL. */
struct debug_answer {
	uint32_t question, address; /* index of the question, and of the address in it */
	uint32_t n;                 /* number of names */
	uint32_t size;              /* of the names with their NULs */
};

/* In place of the question's index: this is the last answer, and n is an enum debug_outcome. */
#define DEBUG_END UINT32_MAX

/* Longer names are truncated. */
#define DEBUG_NAME_MAX 4096
#define DEBUG_ANSWER_MAX (DEBUG_FUNCTIONS_MAX * DEBUG_NAME_MAX)

/*
 * Write the answers to all questions into the pipe, and end the process. parent: the process that
 * created this one.
 */
_Noreturn void debug_child(pid_t parent, int pipe, const struct debug_question *questions,
                           size_t n, const char *debug_root);

#endif
