/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Folding similar nodes into one. Part of tree.c. */
#ifndef TREE_FOLD_H
#define TREE_FOLD_H

#include "tree/nodes.h"

/* Fold a value into a sum by the field's rule; is_later: its process ended later. */
void value_fold(enum life_fold fold, struct tree_value *sum, const struct tree_value *value,
                bool is_later);

/*
 * Place a node, which has a name and is not linked, below the parent: fold it into a similar child,
 * or link it. If the parent then has more than variants children of this name, fold them into one
 * mixed node. Returns the node that contains it now.
 */
struct tree_node *fold_place(struct tree *tree, struct tree_node *parent, struct tree_node *node,
                             size_t variants);

/* Fold a node that is not linked into another, and its children into the other's children. */
void fold_into(struct tree *tree, struct tree_node *into, struct tree_node *node);

/*
 * Fold all siblings with the node's name into it, if there are more than variants with this name.
 */
void fold_namesakes(struct tree *tree, struct tree_node *node, size_t variants);

#endif
