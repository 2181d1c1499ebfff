/* Who is told of alerts: receivers by their names, each with one or several targets. */
#ifndef CLIENT_ALERT_RECEIVER_H
#define CLIENT_ALERT_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>

#include "client/alert/rule.h"
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
    bool is_grouped;            /* by the labels of group_by; else each alert is told by itself, and at once */
    struct members group_by;    /* each ended by NUL; none: all are one group */
    uint64_t group_wait_us;     /* a new group waits so long for more alerts */
    uint64_t group_interval_us; /* news of a group are told so often at most */
    uint64_t repeat_us;         /* what goes on is told again so often; 0: it does not say */
    uint32_t limit_count;       /* notices to each target, 0: without a limit … */
    uint64_t limit_us;          /* … within so long */
};

struct receivers {
    struct receiver *items;
    size_t count;
};

/* Whether the receiver has Alertmanagers; and others, or nobody at all. */
bool receiver_has_managers(const struct receiver *receiver);
bool receiver_has_others(const struct receiver *receiver);

/* So often an Alertmanager hears of what goes on: as its target says, or a minute. */
uint64_t target_resend_us(const struct target *target);
uint64_t receiver_resend_us(const struct receiver *receiver); /* the shortest of its targets */

/* "webhook" */
const char *target_name(enum target_kind kind);

void receivers_fini(struct receivers *receivers);

/* NULL where there is none of that name. */
const struct receiver *receivers_find(const struct receivers *receivers, struct span name);

#endif
