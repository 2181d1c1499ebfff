#include "client/alert/member_tree.h"

#include <stdlib.h>

#include "proto/wire.h"

#define NO_NODE UINT32_MAX

struct node {
    struct member_step step;
    uint32_t child; /* the first; NO_NODE: none */
    uint32_t sibling;
    uint64_t names;       /* a bit for each child's name: most names in a snapshot nobody asks for */
    const uint8_t *value; /* of the last walk that came by */
    uint64_t walk;
};

struct member_tree {
    struct node *nodes; /* the first is the snapshot itself */
    size_t count;
    size_t room;
    uint64_t walk;
    const uint8_t *end; /* of the snapshot */
};

static uint64_t bit_of(struct span name)
{
    return UINT64_C(1) << ((name.data[0] * 7U + name.len) & 63);
}

static bool add_node(struct member_tree *tree, struct member_step step)
{
    if (tree->count == tree->room) {
        size_t room = tree->room ? 2 * tree->room : 16;
        struct node *nodes = realloc(tree->nodes, room * sizeof *nodes);
        if (!nodes)
            return false;
        tree->nodes = nodes;
        tree->room = room;
    }
    tree->nodes[tree->count++] = (struct node){.step = step, .child = NO_NODE, .sibling = NO_NODE};
    return true;
}

struct member_tree *member_tree_new(void)
{
    struct member_tree *tree = calloc(1, sizeof *tree);
    if (tree && !add_node(tree, (struct member_step){.is_index = false}))
        member_tree_free(&tree);
    return tree;
}

void member_tree_free(struct member_tree **tree)
{
    if (*tree)
        free((*tree)->nodes);
    free(*tree);
    *tree = NULL;
}

static uint32_t find_name(const struct member_tree *tree, const struct node *node, struct span name)
{
    uint32_t at = name.len > 0 && (node->names & bit_of(name)) ? node->child : NO_NODE;
    while (at != NO_NODE && (tree->nodes[at].step.is_index || !span_equals(tree->nodes[at].step.name, name)))
        at = tree->nodes[at].sibling;
    return at;
}

static uint32_t find_index(const struct member_tree *tree, const struct node *node, uint32_t index)
{
    uint32_t at = node->child;
    while (at != NO_NODE && (!tree->nodes[at].step.is_index || tree->nodes[at].step.index != index))
        at = tree->nodes[at].sibling;
    return at;
}

static bool enter(struct member_tree *tree, uint32_t *at, struct member_step step)
{
    struct node *node = &tree->nodes[*at];
    uint32_t child = step.is_index ? find_index(tree, node, step.index) : find_name(tree, node, step.name);
    if (child == NO_NODE) {
        child = (uint32_t)tree->count;
        if (!add_node(tree, step))
            return false;
        node = &tree->nodes[*at];
        tree->nodes[child].sibling = node->child;
        node->child = child;
        node->names |= step.is_index ? 0 : bit_of(step.name);
    }
    *at = child;
    return true;
}

bool member_tree_add(struct member_tree *tree, struct span path, uint32_t *number)
{
    struct member_step step;
    *number = 0;
    member_take_step(&path, true, &step);
    while (path.len > 0) {
        if (!member_take_step(&path, false, &step) || !enter(tree, number, step))
            return false;
    }
    return true;
}

static bool walk(struct member_tree *tree, uint32_t at, struct wire_reader *reader);

/* A value that a path leads to, or past. */
static bool visit(struct member_tree *tree, uint32_t at, struct wire_reader *reader)
{
    if (at == NO_NODE)
        return wire_skip(reader);
    tree->nodes[at].value = reader->at;
    tree->nodes[at].walk = tree->walk;
    return walk(tree, at, reader);
}

/* Steps over the value that the reader is at. */
static bool walk(struct member_tree *tree, uint32_t at, struct wire_reader *reader)
{
    struct wire_reader inner = *reader;
    struct wire_token token;
    struct span name;
    enum wire_type type = tree->nodes[at].child == NO_NODE ? WIRE_NIL : wire_read(&inner, &token);
    if (type != WIRE_MAP && type != WIRE_ARRAY)
        return wire_skip(reader);
    *reader = inner;
    for (uint32_t i = 0; i < token.as.count; i++) {
        if (type == WIRE_MAP && !wire_read_str(reader, &name))
            return false;
        const struct node *node = &tree->nodes[at];
        if (!visit(tree, type == WIRE_MAP ? find_name(tree, node, name) : find_index(tree, node, i), reader))
            return false;
    }
    return true;
}

void member_tree_walk(struct member_tree *tree, struct span snapshot)
{
    struct wire_reader reader = wire_reader_of(snapshot);
    tree->walk++;
    tree->end = span_end(snapshot);
    if (snapshot.data)
        walk(tree, 0, &reader);
}

struct span member_tree_get(const struct member_tree *tree, uint32_t number)
{
    const struct node *node = &tree->nodes[number];
    return node->walk == tree->walk && node->value ? span_of(node->value, (size_t)(tree->end - node->value))
                                                   : span_of(NULL, 0);
}
