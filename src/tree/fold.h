/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How nodes that are alike become one. Part of tree.c. */
#ifndef TREE_FOLD_H
#define TREE_FOLD_H

#include "tree/nodes.h"

/* Add a value to a sum as the field says; is_later: it is of a process that ended later. */
void value_fold(enum life_fold fold, struct tree_value *sum, const struct tree_value *value,
                bool is_later);

/*
 * Give a node that has a name, and is linked nowhere, its place below the parent: fold it into a child
 * that is alike, or link it. When the parent has more than so many children of this name, they become
 * one, which is mixed. Returns the node that it is in now.
 */
struct tree_node *fold_place(struct tree *tree, struct tree_node *parent, struct tree_node *node,
                             size_t variants);

/* Fold a node that is linked nowhere into another, and its children into that one's children. */
void fold_into(struct tree *tree, struct tree_node *into, struct tree_node *node);

/* Make one of all children of a parent that share their name, if they are more than so many. */
void fold_namesakes(struct tree *tree, struct tree_node *node, size_t variants);

#endif
