/* Many members of a snapshot, by their paths, found in one walk through it. Pure. */
#ifndef CLIENT_ALERT_MEMBER_TREE_H
#define CLIENT_ALERT_MEMBER_TREE_H

#include "client/member.h"

struct member_tree;

struct member_tree *member_tree_new(void); /* NULL: out of memory */
void member_tree_free(struct member_tree **tree);

/* Adds a path, borrowed, that begins with `snapshot` and has a step more; `number` counts from 0. False: out of
 * memory. */
bool member_tree_add(struct member_tree *tree, struct span path, uint32_t *number);

/* Walks through a snapshot; an absent one (data NULL) has no members. */
void member_tree_walk(struct member_tree *tree, struct span snapshot);

/* A member of the last walk's snapshot: what begins with its value; data NULL where there is none. */
struct span member_tree_get(const struct member_tree *tree, uint32_t number);

#endif
