#include "client/alert/rules_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/alert/rules_reader.h"
#include "client/escape.h"
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

static const char *const part_names[] = {"receivers", "inhibit_rules", "rules"};

/* Receivers go first: rules name them. */
static bool read_receivers(void *context, const yaml_node_t *name, const yaml_node_t *value)
{
    struct rules_reader *reader = context;
    if (!span_is(yaml_tree_scalar(name), part_names[0]))
        return true;
    return yaml_tree_each_member(&reader->tree, value, "a receiver's name, and a list of its targets",
                                 rules_read_receiver, reader);
}

static bool read_part(void *context, const yaml_node_t *name, const yaml_node_t *value)
{
    struct rules_reader *reader = context;
    struct span part = yaml_tree_scalar(name);
    if (span_is(part, part_names[0]))
        return true;
    bool is_rules = span_is(part, part_names[2]);
    if (!is_rules && !span_is(part, part_names[1]))
        return rules_refuse_name(reader, name, part_names, sizeof part_names / sizeof *part_names);
    if (value->type != YAML_SEQUENCE_NODE)
        return yaml_tree_refuse(&reader->tree, value,
                                is_rules ? "expected a list of rules" : "expected a list of inhibitions");
    return yaml_tree_each_item(&reader->tree, value, is_rules ? rules_read_rule : rules_read_inhibit_rule, reader);
}

bool rules_file_parse(struct rules_file *file, struct span yaml, const char *name, struct text *message)
{
    struct rules_reader reader = {.file = file};
    *file = (struct rules_file){.rules = {.count = 0}};
    if (!yaml_tree_read(&reader.tree, yaml, name, message))
        return false;
    const yaml_node_t *root = yaml_tree_root(&reader.tree);
    bool is_good = root && yaml_tree_each_member(&reader.tree, root, "receivers and rules", read_receivers, &reader) &&
                   yaml_tree_each_member(&reader.tree, root, "receivers and rules", read_part, &reader);
    if (!root) {
        escape_text(message, span_of_str(name));
        text_put_str(message, ":1:1: the file is empty: expected `rules:` and a list");
    }
    yaml_tree_fini(&reader.tree);
    if (!is_good)
        rules_file_fini(file);
    return is_good;
}

static bool refuse_file(const char *path, const char *reason, struct text *message)
{
    escape_text(message, span_of_str(path));
    text_printf(message, ": %s", reason);
    return false;
}

bool rules_file_read(struct rules_file *file, const char *path, struct text *message)
{
    struct text content;
    struct stat stat;
    *file = (struct rules_file){.rules = {.count = 0}};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return refuse_file(path, strerror(errno), message);
    text_init(&content);
    const char *trouble = fstat(fd, &stat) != 0 ? strerror(errno) : S_ISREG(stat.st_mode) ? NULL : "is no plain file";
    ssize_t got = trouble ? 0 : 1;
    while (got > 0 && content.len <= YAML_TREE_BYTES_MAX && text_reserve(&content, 65536)) {
        got = read(fd, content.data + content.len, 65536);
        content.len += got > 0 ? (size_t)got : 0;
    }
    if (got < 0)
        trouble = strerror(errno);
    close(fd);
    bool is_good = trouble
                       ? refuse_file(path, trouble, message)
                       : rules_file_parse(file, span_of(content.data ? content.data : "", content.len), path, message);
    text_fini(&content);
    return is_good;
}

void rules_file_fini(struct rules_file *file)
{
    rules_fini(&file->rules);
    receivers_fini(&file->receivers);
    inhibit_rules_fini(&file->inhibit_rules);
}
