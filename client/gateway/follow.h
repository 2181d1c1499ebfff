/* Follows logs in a directory, over rolls and restarts: every line, or item of several lines, becomes events with numbers
 * that are the same in every life, so that a restart neither loses nor doubles. */
#ifndef CLIENT_GATEWAY_FOLLOW_H
#define CLIENT_GATEWAY_FOLLOW_H

#include "client/gateway/follow_passed.h"
#include "client/gateway/follow_pick.h"
#include "client/gateway/follow_reader.h"
#include "client/gateway/follow_scan.h"
#include "client/gateway/follow_store.h"
#include "client/gateway/follow_watch.h"
#include "client/gateway/gateway.h"

enum follow_phase {
    FOLLOW_FINDING, /* the broker, which knows which events it has, and the file to go on with */
    FOLLOW_READING, /* lines of the current file, or waiting for some */
    FOLLOW_LEAVING, /* all that was read is to be acknowledged and kept before another file is read */
};

struct follow_settings {
    const char *dir;
    const char *base; /* what the logs are called: "events.log" */
    struct follow_form form;
    bool is_by_number; /* as in struct follow_scan */
    /* Makes an item events and puts them into gateway->sink. How many there are must follow from the bytes alone.
     * TOCSIN_E_FULL: it is called again with the same item. Any other error: also again, later. */
    int (*put)(void *context, const struct follow_reader_line *item, const char *name);
    /* How many events of the item that was not put yet the sink has taken. NULL: there never are any. */
    unsigned (*under_way)(void *context);
    void *context;
    bool is_once;     /* to the end of what is there, and no further */
    bool is_from_end; /* without a state: behind what is there already */
};

struct follow {
    struct follow_settings settings;
    struct gateway *gateway;
    struct sink *sink;
    struct follow_store *store;
    struct follow_scan scan;
    struct follow_reader reader;
    struct follow_mark read; /* how far the current file was read, and what was there */
    struct follow_watch watch;
    struct loop_timer timer;
    enum follow_phase phase;
    struct follow_pick target;   /* when leaving: the file that comes next; index file_count: none is known yet */
    uint64_t base_n;             /* events before the sink's first */
    struct follow_passed passed; /* of the current file, not kept yet */
    int64_t saved_us;            /* when the state was kept last */
    int64_t told_us;             /* when it was complained that something could not be read */
    bool must_look;              /* through the directory */
    bool is_failed;              /* something could not be read at the last look */
};

/* Begins to follow with the store's state; gateway->sink was opened with the store's producer and with its first number.
 * Nothing fails that cannot be tried again. */
void follow_open(struct follow *follow, struct gateway *gateway, struct follow_store *store,
                 const struct follow_settings *settings);

/* The sink has settled something, or has room again, or found the broker. */
void follow_resume(struct follow *follow);

/* Bytes of the directory that are no whole lines yet. */
uint64_t follow_left(struct follow *follow);

/* Keeps what is acknowledged, and ends. */
void follow_close(struct follow *follow);

/* ---- Between the files of follow ---- */

/* follow_stand.c: the current file; NULL: none. */
struct follow_file *follow_current(struct follow *follow);

/* The number of the event that the sink took last, and of the last one that is settled with all before it. */
uint64_t follow_taken(const struct follow *follow);
uint64_t follow_settled(const struct follow *follow);

/* Complains about what is tried again each second, once a minute. */
void follow_tell(struct follow *follow, const char *name, const char *what, const char *reason);

/* follow_past.c: all that is there now counts as read. */
void follow_pass_over(struct follow *follow);

/* follow_leave.c: leaves the current file for `target`; for none, where its content is gone; for itself, passing over the
 * numbers that the broker has and the file has not. */
void follow_leave_for(struct follow *follow, struct follow_pick target);
void follow_leave_gone(struct follow *follow);
void follow_leave_for_itself(struct follow *follow);

/* Whether the broker has numbers beyond what was put. */
bool follow_leave_is_due(const struct follow *follow);

/* Begins the next file when all is acknowledged and kept. True when it did. */
bool follow_leave_finish(struct follow *follow);

/* Begins to read the current file behind its mark. */
void follow_leave_begin(struct follow *follow);

/* Keeps how far the current file is acknowledged. */
void follow_leave_keep(struct follow *follow);

#endif
