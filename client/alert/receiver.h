/* Who is told of alerts: receivers by their names, each with one or several targets. */
#ifndef CLIENT_ALERT_RECEIVER_H
#define CLIENT_ALERT_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/span.h"

enum target_kind {
#define TARGET(ID, name, meaning) TARGET_##ID,
#define TARGET_OPTION(target, ID, name, type, is_required, meaning)
#include "client/alert/target.def"
#undef TARGET
#undef TARGET_OPTION
    TARGET_COUNT
};

enum target_option {
#define TARGET(ID, name, meaning)
#define TARGET_OPTION(target, ID, name, type, is_required, meaning) TARGET_OPTION_##target##_##ID,
#include "client/alert/target.def"
#undef TARGET
#undef TARGET_OPTION
    TARGET_OPTION_COUNT
};

struct target {
    enum target_kind kind;
    char *options[TARGET_OPTION_COUNT]; /* as they were given; NULL: not given */
    size_t line;
};

struct receiver {
    char *name;
    struct target *targets;
    size_t target_count;
    size_t line;
};

struct receivers {
    struct receiver *items;
    size_t count;
};

/* "webhook" */
const char *target_name(enum target_kind kind);

void receivers_fini(struct receivers *receivers);

/* NULL where there is none of that name. */
const struct receiver *receivers_find(const struct receivers *receivers, struct span name);

#endif
