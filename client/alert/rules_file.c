#include "client/alert/rules_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/alert/rules_reader.h"
#include "client/escape.h"

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
