/* Follows a directory of event logs: every line becomes events with numbers that are the same in every life, so that a
 * restart neither loses nor doubles. */
#ifndef CLIENT_GATEWAY_OME_FOLLOW_H
#define CLIENT_GATEWAY_OME_FOLLOW_H

#include "client/gateway/gateway.h"
#include "client/gateway/ome_events.h"
#include "client/gateway/ome_passed.h"
#include "client/gateway/ome_pick.h"
#include "client/gateway/ome_reader.h"
#include "client/gateway/ome_scan.h"
#include "client/gateway/ome_store.h"
#include "client/gateway/ome_watch.h"

enum ome_phase {
    OME_FINDING, /* the broker, which knows which events it has, and the file to go on with */
    OME_READING, /* lines of the current file, or waiting for some */
    OME_LEAVING, /* all that was read is to be acknowledged and kept before another file is read */
};

struct ome_follow {
    struct gateway *gateway;
    struct sink *sink;
    struct ome_store *store;
    struct ome_scan scan;
    struct ome_reader reader;
    struct ome_mark read; /* how far the current file was read, and what was there */
    struct ome_events events;
    struct ome_watch watch;
    struct loop_timer timer;
    enum ome_phase phase;
    struct ome_pick target;   /* when leaving: the file that comes next; index file_count: none is known yet */
    uint64_t base_n;          /* events before the sink's first */
    struct ome_passed passed; /* of the current file, not kept yet */
    int64_t saved_us;         /* when the state was kept last */
    int64_t told_us;          /* when it was complained that something could not be read */
    bool must_look;           /* through the directory */
    bool is_failed;           /* something could not be read at the last look */
    bool is_once;             /* to the end of what is there, and no further */
};

/* Begins to follow `dir` with the store's state, putting into gateway->sink, which was opened with the store's producer
 * and with its first number. Nothing fails that cannot be tried again. */
void ome_follow_open(struct ome_follow *follow, struct gateway *gateway, struct ome_store *store, const char *dir,
                     const char *base, bool is_once);

/* The sink has settled something, or has room again, or found the broker. */
void ome_follow_resume(struct ome_follow *follow);

/* Bytes of the directory that are no whole lines yet. */
uint64_t ome_follow_left(struct ome_follow *follow);

/* Keeps what is acknowledged, and ends. */
void ome_follow_close(struct ome_follow *follow);

/* ---- Between the files of follow ---- */

/* The current file; NULL: none. */
struct ome_file *ome_follow_current(struct ome_follow *follow);

/* The number of the event that the sink took last, and of the last one that is settled with all before it. */
uint64_t ome_follow_taken(const struct ome_follow *follow);
uint64_t ome_follow_settled(const struct ome_follow *follow);

/* Complains about what is tried again each second, once a minute. */
void ome_follow_tell(struct ome_follow *follow, const char *name, const char *what, const char *reason);

/* ome_leave.c: leaves the current file for `target`; for none, where its content is gone; for itself, passing over the
 * numbers that the broker has and the file has not. */
void ome_leave_for(struct ome_follow *follow, struct ome_pick target);
void ome_leave_gone(struct ome_follow *follow);
void ome_leave_for_itself(struct ome_follow *follow);

/* Whether the broker has numbers beyond what was put. */
bool ome_leave_is_due(const struct ome_follow *follow);

/* Begins the next file when all is acknowledged and kept. True when it did. */
bool ome_leave_finish(struct ome_follow *follow);

/* Begins to read the current file behind its mark. */
void ome_leave_begin(struct ome_follow *follow);

/* Keeps how far the current file is acknowledged. */
void ome_leave_keep(struct ome_follow *follow);

#endif
