/* Where a gateway puts its events: through the append door of the broker, each acknowledged, in bounded memory.
 *
 * The broker need not be there: events wait, and the gateway goes on listening. When the room is full the sink takes no
 * more until there is some again; whoever has a sender that can wait stops reading, and whoever has none drops and
 * counts. One thread puts; the acknowledgements come in others. */
#ifndef CLIENT_GATEWAY_SINK_H
#define CLIENT_GATEWAY_SINK_H

#include <pthread.h>
#include <stdatomic.h>

#include "client/append_queue.h"
#include "client/gateway/counts.h"
#include "client/gateway/loop.h"
#include "client/gateway/redact.h"
#include "client/tocsin_append.h"
#include "client/where.h"

/* Refusals by the broker that are remembered, for those who wait for an answer. */
#define SINK_REFUSED_MAX 256

struct sink_settings {
    const struct where *where;
    const char *producer;
    size_t queue_bytes;
    const char *spool_dir; /* where events are kept until the broker has them; NULL: in memory */
    uint64_t first_n;      /* of the first event; 0: behind the producer's last one */
};

struct sink {
    struct sink_settings settings;
    const struct redact *redact;
    struct counts *counts;
    struct loop_timer timer; /* tries again where nothing else would wake us */
    bool is_full;            /* an event was not taken */
    struct loop_watch wake;  /* readable when something was settled, or the broker was found */
    void (*settled)(void *context);
    void *context;
    struct tocsin_event *event; /* a redacted one */
    struct text scratch;
    struct text members;
    struct append_queue early; /* before the broker was found */
    uint64_t base_n;           /* the appender's number of event 1; 0: not known yet */
    uint64_t taken;            /* events, in all */
    uint64_t published;        /* as it was counted last */
    bool is_dead;              /* another process took the producer's name over, or memory ran out */
    int code;                  /* with which the program is to end then */
    atomic_bool is_spool_told; /* what is the matter with the spool was said */
    /* shared with the thread that looks for the broker */
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    uint64_t refused_n[SINK_REFUSED_MAX]; /* the appender's numbers of the latest, a ring */
    size_t refused_count;
    struct tocsin_appender *found;
    int find_error;
    bool is_ending;
    struct tocsin_appender *appender; /* NULL: not yet */
};

/* Begins to look for the broker, and goes on until it is found. `settled` is called in the loop's thread when events
 * were acknowledged or there is room again. Complains and returns false where the system has no room for it; sink_close
 * is due in any case. */
bool sink_open(struct sink *sink, struct loop *loop, const struct sink_settings *settings, const struct redact *redact,
               struct counts *counts, void (*settled)(void *context), void *context);

/* Redacts the event and takes it; it may be reused at once. 0: taken, `*number` (may be NULL) is its number, from 1.
 * TOCSIN_E_REFUSED: it breaks a rule, or there is no memory for it; counted, and complained about with `where` before it.
 * TOCSIN_E_FULL: no room now; `settled` will be called; or never more: the sink is dead, which was complained about. */
int sink_put(struct sink *sink, struct tocsin_event *event, const char *where, uint64_t *number);

/* The number through which all events are settled: in the broker's log, or refused by it and counted. */
uint64_t sink_settled(const struct sink *sink);

/* Whether the broker refused this event, which is settled. Of very many refusals only the latest are remembered. */
bool sink_was_refused(struct sink *sink, uint64_t number);

/* The number of the producer's last event that the broker had when it was found. False: it is not found yet. */
bool sink_last_n(const struct sink *sink, uint64_t *last_n);

/* Waits until all is settled or nothing was for the time of `where`, or a signal came; `settled` is called meanwhile.
 * Returns how many were not; with a spool they are in it. */
uint64_t sink_drain(struct sink *sink, struct loop *loop);

void sink_close(struct sink *sink, struct loop *loop);

/* ---- Between the files of the sink ---- */

/* sink_find.c: starts the thread that looks for the broker, and leaves what it finds in `found` or `find_error`. */
bool sink_find(struct sink *sink);

/* Wakes the loop; from any thread. */
void sink_wake(struct sink *sink);

#endif
