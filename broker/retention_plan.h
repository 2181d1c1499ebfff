/* What retention does next: which file is compressed, which is removed, and why. Pure: files and the time are given. */
#ifndef BROKER_RETENTION_PLAN_H
#define BROKER_RETENTION_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RETENTION_NEVER UINT64_MAX

struct retention_limits {
    uint64_t pack_after_s; /* RETENTION_NEVER: not at all, as the rest */
    uint64_t age_s;
    uint64_t bytes;
    uint64_t free_bytes;   /* 0: as much as there is, as the next */
    unsigned free_percent; /* of the whole disk */
};

/* A file of an earlier day. */
struct retention_item {
    uint64_t ended_us; /* the next file begins then: all its lines are older */
    uint64_t bytes;    /* that it takes */
    bool is_plain;     /* not, or not only, there in its compressed form */
    bool is_used;      /* someone is reading it */
    bool is_tied;      /* the next file goes on from it */
    bool is_barred;    /* compressing it is not to be tried now */
};

struct retention_view {
    const struct retention_item *items; /* oldest first */
    size_t count;
    uint64_t current_bytes; /* of today's file */
    uint64_t disk_bytes;
    uint64_t disk_free_bytes;
    uint64_t now_us;
    bool may_free; /* what was removed for room has had time to become room */
};

enum retention_action { RETENTION_NOTHING, RETENTION_PACK, RETENTION_PRUNE };
enum retention_reason { RETENTION_BY_AGE, RETENTION_BY_SIZE, RETENTION_BY_ROOM };

struct retention_step {
    enum retention_action action;
    size_t index;
    enum retention_reason reason; /* of RETENTION_PRUNE */
};

/* Today's file is never touched and neither is the one before it, which recovery may need as it is; of the others only
 * the oldest is removed, not while it is used, and only where the next one says that it goes on from it. Whatever is
 * too old goes before anything is compressed, and is not compressed first. */
struct retention_step retention_plan(const struct retention_limits *limits, const struct retention_view *view);

/* The word for a reason, as LogPruned has it. */
const char *retention_reason_word(enum retention_reason reason);

#endif
