/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * A treap (Seidel, Aragon 1996) of nodes that are part of what they order: a search tree by the
 * caller's comparison, and a heap by the nodes' priorities. Equal ones keep the order they came in.
 */
#ifndef SCXM_TREE_H
#define SCXM_TREE_H

#include "kernel.h"

typedef bool (*scxm_before_fn)(const struct scxm_node *a, const struct scxm_node *b);

void scxm_tree_insert(struct scxm_node **root, struct scxm_node *node, uint64_t priority,
		      scxm_before_fn before);
void scxm_tree_erase(struct scxm_node **root, struct scxm_node *node);
struct scxm_node *scxm_tree_prev(const struct scxm_node *node);
struct scxm_node *scxm_tree_first(struct scxm_node *root);

#endif
