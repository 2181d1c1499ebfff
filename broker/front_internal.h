/* What the files of the front share. */
#ifndef BROKER_FRONT_INTERNAL_H
#define BROKER_FRONT_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <zmq.h>

#include "broker/append.h"
#include "broker/cpu_wait.h"
#include "broker/front.h"
#include "broker/guard.h"
#include "broker/log.h"
#include "broker/rates.h"
#include "broker/settled.h"
#include "broker/waiting.h"
#include "proto/event.h"
#include "proto/text.h"

struct front {
    struct front_options options;
    pthread_t thread;
    int stop_fd;
    atomic_bool must_stop;
    bool is_ended;
    struct event_judge *judge;
    struct append *append; /* NULL: the door is shut */
    zmq_msg_t message;     /* the last one received */
    zmq_msg_t route;       /* and whom it came from, at the append door */
    struct guard guard;
    struct rates rates;
    struct shares shares;
    struct cpu_wait cpu_wait;
    struct waiting waiting; /* for the journal */
    uint64_t sender;        /* of that message, where it is looked for */
    uint64_t syncs_seen;    /* of the disk, when that was last fitted to them */
    uint64_t sync_us_seen;
    bool is_behind;                                   /* what that message holds is put behind others' */
    const struct access_key *key;                     /* whose message that is; NULL at a door that is not guarded */
    const struct prefix_set *realms[DOOR_REALMS_MAX]; /* what each may have; of the table in force */
    bool is_in_multipart;
    uint64_t received_us; /* wall clock of this turn; never goes back */
    uint64_t head_seq;    /* last one published */
    uint64_t next_beat_us;
    uint64_t next_release_us;
    struct text own; /* a heartbeat or an event of the broker's own in the making */
    /* front_events.c */
    uint64_t wall_us; /* the clocks at the last look */
    uint64_t monotonic_us;
    uint64_t dropped; /* since the last EventsDropped */
    uint64_t refused_told[TOCSIN_REFUSAL_COUNT];
    uint64_t refused_told_us;
    struct log_limit drop_limit;
    struct log_limit refusal_limit;
    struct log_limit catalog_limit;
};

/* front_admit.c: hands a good event to the journal; false when there is no room. The caller flushes the ring. `origin`
 * NULL: fire and forget. */
bool front_admit(struct front *front, const struct event *event, const struct append_origin *origin);

/* Counts a good event that was received, and compares it with the catalog. */
void front_count_event(struct front *front, const struct event *event);

/* Counts a refusal, and says so at a bounded rate. */
void front_refuse(struct front *front, const struct refusal *refusal);

/* front_admit.c: a turn has left messages in the socket: has libzmq look at who else has sent some. By itself it
 * looks once in a hundred messages, which may be large. */
void front_look_around(void *socket);

/* front_wait.c: sleeps until something comes or is due; not at all when it is there already. */
void front_wait(struct front *front);

/* front_take.c: takes frames from producers, up to a turn's worth; returns how many. */
unsigned front_take(struct front *front);

/* front_append.c: sets up the rules with what the log knows of producers; false when out of memory. */
bool front_append_open(struct front *front);

/* Takes messages, up to a turn's worth; returns how many. */
unsigned front_append_take(struct front *front);

/* Passes on what the journal has acknowledged. */
void front_append_settled(struct front *front, const struct settled_ack *acks, size_t count);

/* Sends acknowledgements that were held back, some dozen times a second. */
void front_append_release(struct front *front);

#define FRONT_APPEND_SESSIONS_MAX 10000

/* front_guard.c: before the first turn. */
void front_guard_begin(struct front *front);

/* At the start of a turn; ends the sessions of those who lost their rights. */
void front_guard_turn(struct front *front);

/* About once a second: those whose time is over, and what is to be told of denials. */
void front_guard_tick(struct front *front);

/* Takes what subscribers have said. */
void front_take_subscriptions(struct front *front);

/* Finds out whose front->message is (front->key). False, and counted: of nobody who may be there. */
bool front_identify(struct front *front, const struct door *door);

/* May the sender of front->message send that much now? False: it was counted. */
bool front_may_send(struct front *front, const struct door *door);

/* How many events a key has sent too many. */
uint64_t front_debt(struct front *front, access_id owner);

/* Keeps the sender of front->message out for a while; `name` is what people know him by. */
void front_bar(struct front *front, const struct door *door, const char *name);

/* front_share.c: once a turn. */
void front_share_turn(struct front *front);

/* Hands the journal what it is to have next, also of what waits behind others. */
void front_move_waiting(struct front *front);

/* What stands for the sender of front->message: its key, or where there is none its address. Never 0. */
uint64_t front_sender(struct front *front);

/* May the sender of front->message have more of the broker's time? False: it was dropped and counted. `can_wait`: he is
 * told to wait by other means, and only dropped when he is kept out. */
bool front_has_share(struct front *front, const struct door *door, bool can_wait);

/* front->message, which was let pass, was in vain. */
void front_share_vain(struct front *front, const struct door *door);

/* True when that sender is to wait; `*step` is how many more of its events may be acknowledged now. */
bool front_is_held(struct front *front, uint64_t sender, uint64_t *step);

/* The sender of front->message has sent so many events in it; at append also messages without any, which count for nothing
 * unless they come as a flood. */
void front_charge(struct front *front, const struct door *door, uint64_t events);

/* The field that forbids the event to whose message it came in, and counted; NULL: nothing does. */
const char *front_forbids(struct front *front, const struct door *door, const struct event *event);

/* Why the sender of front->message may not be this producer, and the error's code; NULL: he may. */
const char *front_forbids_producer(struct front *front, struct span producer, const char **code);

/* front_events.c: looks at the clocks at the start of a turn, and says so in the log when the wall clock was set. */
void front_look_at_clock(struct front *front);

/* Once a second: puts into the log what was dropped and refused since. `is_last`: all of it, now. */
void front_tell_losses(struct front *front, bool is_last);

/* Puts into the log what became of the access file, when it was read again. */
void front_tell_reload(struct front *front);

/* Puts into the log who was denied what since, a few kinds at a time. */
void front_tell_denials(struct front *front);

#endif
