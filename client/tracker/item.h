/* One thing that is tracked. */
#ifndef CLIENT_TRACKER_ITEM_H
#define CLIENT_TRACKER_ITEM_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"
#include "proto/tocsin_base.h"

enum item_kind {
#define KIND(id, member, title, singular) ITEM_##id,
#include "client/tracker/kind.def"
#undef KIND
    ITEM_KIND_COUNT
};

enum item_state {
#define STATE(id, word, is_over) ITEM_STATE_##id,
#include "client/tracker/state.def"
#undef STATE
};

/* What was told of an identifier, as OpenSIPS keeps reports. */
struct item_report {
    uint64_t time_us;
    char *text;
    size_t len;
};

struct item_status {
    int64_t status;
    int64_t old_status;
    bool has_old;
    bool is_from_before;         /* last heard before its server was started anew */
    uint64_t missed;             /* times that old_status was not the one known: an event was lost */
    struct item_report *reports; /* the oldest first */
    size_t report_count;
};

struct item_scale {
    int64_t load_percent;
    int64_t process_id;
    int64_t pid;
    uint64_t up; /* workers forked since the server's start as far as it is known, and asked to end */
    uint64_t down;
    bool is_up; /* the last one */
};

struct item_memory {
    int64_t usage_percent;
    int64_t threshold_percent;
    int64_t used_bytes; /* as told: 32 bits, which wrap */
    int64_t size_bytes;
    bool is_over; /* at or above the threshold */
};

/* The key is kind, source, name and part; part of STATUS and names of STATUS are compared without regard to case. */
struct item {
    enum item_kind kind;
    struct span source; /* sourceId, or the server's name within it */
    struct span name;   /* STATUS: group; SCALE: type; MEMORY: shm or pkg; recordings and the like: id */
    struct span part;   /* STATUS: identifier; SCALE: filter; MEMORY: pid */
    enum item_state state;
    bool is_over;         /* gone: the first to be forgotten */
    struct span text;     /* STATUS: details, data NULL: none; else the last summary */
    uint64_t begun_us;    /* by the event's time: when it came, */
    uint64_t since_us;    /* and when it came into its state */
    uint64_t received_us; /* its last event: by the broker's clock, */
    uint64_t seq;         /* and in the log */
    uint64_t order;       /* in which they were first heard of */
    bool is_told_bad;     /* by the last StatusChanged of it that is known, */
    uint64_t told_seq;    /* which is this one */
    union {
        struct item_status status;
        struct item_scale scale;
        struct item_memory memory;
    } as;
    /* Of items.c. */
    uint64_t hash;
    uint64_t touched;
    size_t bytes;
    struct item *chain;
    struct item *older;
    struct item *newer;
};

#endif
