/* A YAML file as a tree of maps, lists and single values, each with its place, so that a complaint names line and
 * column. */
#ifndef CLIENT_ALERT_YAML_TREE_H
#define CLIENT_ALERT_YAML_TREE_H

#include <stdbool.h>
#include <yaml.h>

#include "proto/span.h"
#include "proto/text.h"

#define YAML_TREE_BYTES_MAX   (4u << 20)
#define YAML_TREE_MEMBERS_MAX 1000u   /* of a map */
#define YAML_TREE_VISITS_MAX  200000u /* of members and items: aliases can make a short file very long */

struct yaml_tree {
    yaml_document_t document;
    const char *file; /* for complaints; borrowed */
    struct text *message;
    size_t visits;
};

/* Reads the text, which holds one document. On a fault appends "FILE:LINE:COLUMN: reason" to `message` (borrowed, for
 * all later complaints too) and returns false; yaml_tree_fini is due only after success. */
bool yaml_tree_read(struct yaml_tree *tree, struct span yaml, const char *file, struct text *message);
void yaml_tree_fini(struct yaml_tree *tree);

/* NULL where the document is empty. */
yaml_node_t *yaml_tree_root(struct yaml_tree *tree);

/* Appends the node's place and what is wrong there, and returns false. */
bool yaml_tree_refuse(struct yaml_tree *tree, const yaml_node_t *node, const char *reason);

/* As yaml_tree_refuse, with the value quoted before the reason. */
bool yaml_tree_refuse_value(struct yaml_tree *tree, const yaml_node_t *node, const char *reason);

/* A single value's text, without its quotes. Absent where the node is none. */
struct span yaml_tree_scalar(const yaml_node_t *node);

/* Calls `each` for every member of a map, in order, until it returns false, which is returned then. Complains of what
 * is no map ("expected a map: " and `what`), of names that are no single values and of those given twice. */
bool yaml_tree_each_member(struct yaml_tree *tree, const yaml_node_t *map, const char *what,
                           bool (*each)(void *context, const yaml_node_t *name, const yaml_node_t *value),
                           void *context);

/* Calls `each` for every item of a list; for a node that is none, once with itself. */
bool yaml_tree_each_item(struct yaml_tree *tree, const yaml_node_t *list,
                         bool (*each)(void *context, const yaml_node_t *item), void *context);

#endif
