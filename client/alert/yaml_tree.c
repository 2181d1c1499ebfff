#include "client/alert/yaml_tree.h"

#include "client/escape.h"

static bool refuse_at(const char *file, size_t line, size_t column, const char *reason, struct text *message)
{
    escape_text(message, span_of_str(file));
    text_printf(message, ":%zu:%zu: %s", line + 1, column + 1, reason);
    return false;
}

bool yaml_tree_read(struct yaml_tree *tree, struct span yaml, const char *file, struct text *message)
{
    yaml_parser_t parser;
    *tree = (struct yaml_tree){.file = file, .message = message};
    if (yaml.len > YAML_TREE_BYTES_MAX)
        return refuse_at(file, 0, 0, "larger than 4 MiB", message);
    if (!yaml_parser_initialize(&parser))
        return refuse_at(file, 0, 0, "out of memory", message);
    yaml_parser_set_input_string(&parser, yaml.data, yaml.len);
    bool is_good = yaml_parser_load(&parser, &tree->document) == 1;
    if (!is_good)
        refuse_at(file, parser.problem_mark.line, parser.problem_mark.column,
                  parser.problem ? parser.problem : "out of memory", message);
    yaml_parser_delete(&parser);
    return is_good;
}

void yaml_tree_fini(struct yaml_tree *tree)
{
    yaml_document_delete(&tree->document);
}

yaml_node_t *yaml_tree_root(struct yaml_tree *tree)
{
    return yaml_document_get_root_node(&tree->document);
}

bool yaml_tree_refuse(struct yaml_tree *tree, const yaml_node_t *node, const char *reason)
{
    return refuse_at(tree->file, node->start_mark.line, node->start_mark.column, reason, tree->message);
}

bool yaml_tree_refuse_value(struct yaml_tree *tree, const yaml_node_t *node, const char *reason)
{
    refuse_at(tree->file, node->start_mark.line, node->start_mark.column, "\"", tree->message);
    escape_text(tree->message, yaml_tree_scalar(node));
    text_printf(tree->message, "\" %s", reason);
    return false;
}

struct span yaml_tree_scalar(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE ? span_of(node->data.scalar.value, node->data.scalar.length)
                                          : span_of(NULL, 0);
}

static bool may_visit(struct yaml_tree *tree, const yaml_node_t *node)
{
    return ++tree->visits <= YAML_TREE_VISITS_MAX || yaml_tree_refuse(tree, node, "the file is too large from here on");
}

static bool is_first_of_its_name(struct yaml_tree *tree, const yaml_node_pair_t *first, const yaml_node_pair_t *pair)
{
    const yaml_node_t *name = yaml_document_get_node(&tree->document, pair->key);
    for (; first < pair; first++) {
        const yaml_node_t *other = yaml_document_get_node(&tree->document, first->key);
        if (span_equals(yaml_tree_scalar(other), yaml_tree_scalar(name)))
            return yaml_tree_refuse_value(tree, name, "is given twice");
    }
    return true;
}

bool yaml_tree_each_member(struct yaml_tree *tree, const yaml_node_t *map, const char *what,
                           bool (*each)(void *context, const yaml_node_t *name, const yaml_node_t *value),
                           void *context)
{
    char reason[160];
    if (map->type != YAML_MAPPING_NODE) {
        snprintf(reason, sizeof reason, "expected a map: %s", what);
        return yaml_tree_refuse(tree, map, reason);
    }
    const yaml_node_pair_t *first = map->data.mapping.pairs.start;
    if (map->data.mapping.pairs.top - first > (ptrdiff_t)YAML_TREE_MEMBERS_MAX)
        return yaml_tree_refuse(tree, map, "a map of more than 1000 members");
    for (const yaml_node_pair_t *pair = first; pair < map->data.mapping.pairs.top; pair++) {
        const yaml_node_t *name = yaml_document_get_node(&tree->document, pair->key);
        if (name->type != YAML_SCALAR_NODE)
            return yaml_tree_refuse(tree, name, "expected a name");
        if (!may_visit(tree, name) || !is_first_of_its_name(tree, first, pair) ||
            !each(context, name, yaml_document_get_node(&tree->document, pair->value)))
            return false;
    }
    return true;
}

bool yaml_tree_each_item(struct yaml_tree *tree, const yaml_node_t *list,
                         bool (*each)(void *context, const yaml_node_t *item), void *context)
{
    if (list->type != YAML_SEQUENCE_NODE)
        return each(context, list);
    for (const yaml_node_item_t *item = list->data.sequence.items.start; item < list->data.sequence.items.top; item++) {
        const yaml_node_t *node = yaml_document_get_node(&tree->document, *item);
        if (!may_visit(tree, node) || !each(context, node))
            return false;
    }
    return true;
}
