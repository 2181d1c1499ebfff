/* What the files share that read rules and receivers; nobody else includes it. Each reader complains and returns false
 * where something is wrong. */
#ifndef CLIENT_ALERT_RULES_READER_H
#define CLIENT_ALERT_RULES_READER_H

#include "client/alert/rules_file.h"
#include "client/alert/yaml_tree.h"

struct rules_reader {
    struct yaml_tree tree;
    struct rules_file *file;
    struct rule *rule; /* that is being read */
    struct receiver *receiver;
    struct target *target;
    struct inhibit_rule *inhibit_rule;
    bool has_targets; /* the receiver has its list */
    bool has_wait;    /* the receiver says group_wait */
    bool has_by;      /* the rule says what tells its alerts apart */
};

bool rules_read_rule(void *reader, const yaml_node_t *node);
bool rules_read_receiver(void *reader, const yaml_node_t *name, const yaml_node_t *value);
bool rules_read_inhibit_rule(void *reader, const yaml_node_t *node);

/* Each reads what stands behind its key of a receiver; of an inhibition. */
#define RECEIVER_KEY(name, meaning) bool rules_receiver_##name(struct rules_reader *reader, const yaml_node_t *value);
#include "client/alert/receiver_key.def"
#undef RECEIVER_KEY
#define INHIBIT_KEY(name, meaning) bool rules_inhibit_##name(struct rules_reader *reader, const yaml_node_t *value);
#include "client/alert/inhibit_key.def"
#undef INHIBIT_KEY

/* A list of labels' names, each ended by NUL. */
bool rules_read_label_names(struct rules_reader *reader, const yaml_node_t *value, struct members *names);

/* A whole number from 1 to 100000. */
bool rules_read_number(struct rules_reader *reader, const yaml_node_t *value, uint32_t *number);

/* Each reads what stands behind its key of a rule. */
#define RULE_KEY(name, meaning) bool rules_key_##name(struct rules_reader *reader, const yaml_node_t *value);
#include "client/alert/rule_key.def"
#undef RULE_KEY

/* A map of conditions. */
bool rules_read_match(struct rules_reader *reader, const yaml_node_t *value, struct match *match);

/* rules_reader.c, from here on. */
bool rules_no_memory(struct rules_reader *reader, const yaml_node_t *node);

/* A single value's text, copied and ended by NUL; complains with "expected " and `what`, and where
 * it holds what could drive a terminal or hide something, line ends and tabs aside. */
bool rules_read_text(struct rules_reader *reader, const yaml_node_t *node, const char *what, char **text);

/* As rules_read_text, and of one line. */
bool rules_read_name(struct rules_reader *reader, const yaml_node_t *node, const char *what, char **text);

/* A duration: 2s, 1m30s, 500ms. */
bool rules_read_duration(struct rules_reader *reader, const yaml_node_t *node, uint64_t *us);

/* The name is none of these: lists them. */
bool rules_refuse_name(struct rules_reader *reader, const yaml_node_t *name, const char *const *names, size_t count);

/* A key of a map, and what reads the value behind it. */
struct rules_key {
    const char *name;
    bool (*read)(struct rules_reader *reader, const yaml_node_t *value);
};

/* Reads the value behind `name` by the one of `keys` that it is; complains and lists them where it is none. */
bool rules_read_key(struct rules_reader *reader, const yaml_node_t *name, const yaml_node_t *value,
                    const struct rules_key *keys, size_t count);

#endif
