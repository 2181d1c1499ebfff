/* The targets of a receiver: a list, `- webhook: {url: …}`. */
#include <stdlib.h>

#include "client/alert/rules_reader.h"
#include "client/alert/sign.h"

enum option_type { TYPE_TEXT, TYPE_URL, TYPE_SECRET, TYPE_FLAG, TYPE_DURATION };

static const struct {
    enum target_kind target;
    const char *name;
    enum option_type type;
    bool is_required;
} options[] = {
#define TARGET(ID, name, meaning)
#define TARGET_OPTION(target, ID, name, type, is_required, meaning)                                                    \
    [TARGET_OPTION_##target##_##ID] = {TARGET_##target, name, TYPE_##type, is_required},
#include "client/alert/target.def"
#undef TARGET
#undef TARGET_OPTION
};

static const char *const target_names[] = {
#define TARGET(ID, name, meaning) name,
#define TARGET_OPTION(target, ID, name, type, is_required, meaning)
#include "client/alert/target.def"
#undef TARGET
#undef TARGET_OPTION
};

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool check_url(struct rules_reader *reader, const yaml_node_t *node, const char *text)
{
    bool is_mail = reader->target->kind == TARGET_EMAIL;
    if (is_mail ? begins(text, "smtp://") || begins(text, "smtps://")
                : begins(text, "http://") || begins(text, "https://"))
        return true;
    return yaml_tree_refuse(&reader->tree, node,
                            is_mail ? "expected a mail server, as smtp://HOST:25 or smtps://HOST"
                                    : "expected an address that begins with http:// or https://");
}

static bool check_option(struct rules_reader *reader, const yaml_node_t *node, size_t option, const char *text)
{
    uint64_t us;
    struct sign_key key;
    enum option_type type = options[option].type;
    if (strpbrk(text, "\r\n"))
        return yaml_tree_refuse(&reader->tree, node, "expected one line");
    if (type == TYPE_FLAG && strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return yaml_tree_refuse_value(&reader->tree, node, "is not allowed: expected true or false");
    if (type == TYPE_DURATION)
        return rules_read_duration(reader, node, &us);
    if (type == TYPE_URL || option == TARGET_OPTION_SLACK_URL)
        return check_url(reader, node, text);
    if (option == TARGET_OPTION_WEBHOOK_SECRET && !sign_key_read(&key, text))
        return yaml_tree_refuse(&reader->tree, node, "expected whsec_ and base64 of 24 to 64 bytes");
    return true;
}

static bool refuse_option(struct rules_reader *reader, const yaml_node_t *name)
{
    const char *names[TARGET_OPTION_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < TARGET_OPTION_COUNT; i++) {
        if (options[i].target == reader->target->kind)
            names[count++] = options[i].name;
    }
    return rules_refuse_name(reader, name, names, count);
}

static bool read_option(void *context, const yaml_node_t *name, const yaml_node_t *value)
{
    struct rules_reader *reader = context;
    struct target *target = reader->target;
    for (size_t i = 0; i < TARGET_OPTION_COUNT; i++) {
        if (options[i].target != target->kind || !span_is(yaml_tree_scalar(name), options[i].name))
            continue;
        return rules_read_text(reader, value, "a value", &target->options[i]) &&
               check_option(reader, value, i, target->options[i]);
    }
    return refuse_option(reader, name);
}

static bool check_required(struct rules_reader *reader, const yaml_node_t *node)
{
    char reason[96];
    for (size_t i = 0; i < TARGET_OPTION_COUNT; i++) {
        if (options[i].target != reader->target->kind || !options[i].is_required || reader->target->options[i])
            continue;
        snprintf(reason, sizeof reason, "%s lacks its %s", target_names[reader->target->kind], options[i].name);
        return yaml_tree_refuse(&reader->tree, node, reason);
    }
    return true;
}

static bool read_target_kind(void *context, const yaml_node_t *name, const yaml_node_t *value)
{
    struct rules_reader *reader = context;
    size_t kind = 0;
    while (kind < TARGET_COUNT && !span_is(yaml_tree_scalar(name), target_names[kind]))
        kind++;
    if (kind == TARGET_COUNT)
        return rules_refuse_name(reader, name, target_names, TARGET_COUNT);
    struct receiver *receiver = reader->receiver;
    struct target *targets = realloc(receiver->targets, (receiver->target_count + 1) * sizeof *targets);
    if (!targets)
        return rules_no_memory(reader, name);
    receiver->targets = targets;
    reader->target = &targets[receiver->target_count++];
    *reader->target = (struct target){.kind = (enum target_kind)kind, .line = name->start_mark.line + 1};
    return yaml_tree_each_member(&reader->tree, value, "the target's options, as {url: ...}", read_option, reader) &&
           check_required(reader, name);
}

static bool read_target(void *context, const yaml_node_t *item)
{
    struct rules_reader *reader = context;
    return yaml_tree_each_member(&reader->tree, item, "a target, as webhook: {url: ...}", read_target_kind, reader);
}

bool rules_receiver_targets(struct rules_reader *reader, const yaml_node_t *value)
{
    reader->has_targets = true;
    if (value->type != YAML_SEQUENCE_NODE)
        return yaml_tree_refuse(&reader->tree, value, "expected a list of targets, as - webhook: {url: ...}");
    return yaml_tree_each_item(&reader->tree, value, read_target, reader);
}
