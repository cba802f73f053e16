/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Commands whose work is done elsewhere: by a daemon (docker), on another machine (ssh), by a batch
 * system (srun). The tree has only the client's cost, not the cost of the work.
 */
#ifndef TREE_ELSEWHERE_H
#define TREE_ELSEWHERE_H

#include <stdint.h>

#include "tree/tree.h"

/*
 * A line, a literal, that says where the work of an ended command was done, and how to measure it
 * there. NULL for other commands, if the command or others in its tree did the work themselves, or
 * if it waited for a person. tree may be NULL.
 */
const char *elsewhere_hint(char *const *argv, const struct tree *tree, uint64_t wall_ns);

#endif
