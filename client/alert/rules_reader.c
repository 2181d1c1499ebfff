#include "client/alert/rules_reader.h"

#include <stdio.h>
#include <string.h>

#include "client/span_text.h"
#include "client/time_arg.h"
#include "proto/utf8.h"

#define KEYS_MAX 32 /* of a map; there are fewer */

bool rules_no_memory(struct rules_reader *reader, const yaml_node_t *node)
{
    return yaml_tree_refuse(&reader->tree, node, "out of memory");
}

/* Whether all of it may reach a terminal, a mail's header or a reader as it stands; of what drives them only `allowed`. */
static bool is_harmless(struct span text, const char *allowed)
{
    const uint8_t *at = text.data, *end = span_end(text);
    while (at < end) {
        uint32_t character;
        unsigned len = utf8_decode(at, end, &character);
        bool is_allowed = len == 1 && strchr(allowed, (int)character);
        if (len == 0 || ((utf8_must_escape(character) || utf8_is_hidden(character)) && !is_allowed))
            return false;
        at += len;
    }
    return true;
}

bool rules_read_text(struct rules_reader *reader, const yaml_node_t *node, const char *what, char **text)
{
    char reason[160];
    struct span value = yaml_tree_scalar(node);
    if (!value.data || value.len == 0 || memchr(value.data, '\0', value.len)) {
        snprintf(reason, sizeof reason, "expected %s", what);
        return yaml_tree_refuse(&reader->tree, node, reason);
    }
    if (!is_harmless(value, "\n\t")) /* not shown: it may be a secret */
        return yaml_tree_refuse(&reader->tree, node, "holds characters that a reader cannot see");
    *text = span_text(value);
    return *text ? true : rules_no_memory(reader, node);
}

bool rules_read_name(struct rules_reader *reader, const yaml_node_t *node, const char *what, char **text)
{
    struct span value = yaml_tree_scalar(node);
    if (value.data && !is_harmless(value, ""))
        return yaml_tree_refuse_value(&reader->tree, node, "holds characters that a reader cannot see");
    return rules_read_text(reader, node, what, text);
}

bool rules_read_duration(struct rules_reader *reader, const yaml_node_t *node, uint64_t *us)
{
    int64_t value;
    struct span text = yaml_tree_scalar(node);
    if (!text.data)
        return yaml_tree_refuse(&reader->tree, node, "expected a duration, as 30s or 1m30s");
    if (memchr(text.data, '\0', text.len) || !duration_arg_read((const char *)text.data, &value) || value <= 0)
        return yaml_tree_refuse_value(&reader->tree, node, "is no duration: expected 30s, 1m30s or 500ms, above 0");
    *us = (uint64_t)value;
    return true;
}

bool rules_refuse_name(struct rules_reader *reader, const yaml_node_t *name, const char *const *names, size_t count)
{
    yaml_tree_refuse_value(&reader->tree, name, "is not known here: expected ");
    for (size_t i = 0; i < count; i++)
        text_printf(reader->tree.message, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", names[i]);
    return false;
}

bool rules_read_key(struct rules_reader *reader, const yaml_node_t *name, const yaml_node_t *value,
                    const struct rules_key *keys, size_t count)
{
    const char *names[KEYS_MAX];
    for (size_t i = 0; i < count && i < KEYS_MAX; i++) {
        if (span_is(yaml_tree_scalar(name), keys[i].name))
            return keys[i].read(reader, value);
        names[i] = keys[i].name;
    }
    return rules_refuse_name(reader, name, names, count < KEYS_MAX ? count : KEYS_MAX);
}
