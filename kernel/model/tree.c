// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
#include "tree.h"

/* Puts @child, a child of @parent, in its parent's place; the order stays. */
static void rotate_up(struct scxm_node **root, struct scxm_node *child)
{
	struct scxm_node *parent = child->parent, *grand = parent->parent;

	if (parent->left == child) {
		parent->left = child->right;
		if (child->right)
			child->right->parent = parent;
		child->right = parent;
	} else {
		parent->right = child->left;
		if (child->left)
			child->left->parent = parent;
		child->left = parent;
	}
	parent->parent = child;
	child->parent = grand;
	if (!grand)
		*root = child;
	else if (grand->left == parent)
		grand->left = child;
	else
		grand->right = child;
}

void scxm_tree_insert(struct scxm_node **root, struct scxm_node *node, uint64_t priority,
		      scxm_before_fn before)
{
	struct scxm_node **link = root, *parent = NULL;

	while (*link) {
		parent = *link;
		link = before(node, parent) ? &parent->left : &parent->right;
	}
	*node = (struct scxm_node){ .parent = parent, .priority = priority };
	*link = node;
	while (node->parent && node->parent->priority < priority)
		rotate_up(root, node);
}

void scxm_tree_erase(struct scxm_node **root, struct scxm_node *node)
{
	struct scxm_node *parent;

	while (node->left && node->right)
		rotate_up(root,
			  node->left->priority > node->right->priority ? node->left : node->right);
	parent = node->parent;
	struct scxm_node *child = node->left ? node->left : node->right;

	if (child)
		child->parent = parent;
	if (!parent)
		*root = child;
	else if (parent->left == node)
		parent->left = child;
	else
		parent->right = child;
	*node = (struct scxm_node){ 0 };
}

struct scxm_node *scxm_tree_prev(const struct scxm_node *node)
{
	struct scxm_node *at = node->left;

	if (at) {
		while (at->right)
			at = at->right;
		return at;
	}
	while (node->parent && node->parent->left == node)
		node = node->parent;
	return node->parent;
}

struct scxm_node *scxm_tree_first(struct scxm_node *root)
{
	while (root && root->left)
		root = root->left;
	return root;
}
