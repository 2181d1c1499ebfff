/* An appender, as its files share it. */
#ifndef CLIENT_APPENDER_H
#define CLIENT_APPENDER_H

#include <pthread.h>

#include "client/append_queue.h"
#include "client/curve.h"
#include "client/endpoint.h"
#include "client/spool.h"
#include "client/tocsin_append.h"

/* Who may use the socket, and what is told as the holder's own below: the thread, unless it has lent it out
 * (appender_lend.c). */
enum appender_holder { APPENDER_THREAD, APPENDER_CALLER, APPENDER_NOBODY };

struct tocsin_appender {
    struct tocsin_appender_options options; /* its texts are the copies below */
    char producer[TOCSIN_PRODUCER_MAX + 1];
    char endpoint[ENDPOINT_MAX];
    void *context;
    struct curve curve;
    pthread_t thread;
    bool has_thread;
    int wake_fd; /* tells the thread that there is something to send, or that it shall end */

    /* under the lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;    /* settled, refused, welcomed, failed, room */
    struct append_queue queue; /* with a spool: those of its events that are in memory, its oldest ones */
    bool has_spool;
    struct spool spool;
    uint64_t last_n;               /* of the broker at the first welcome: what was settled before this handle */
    struct tocsin_receipt receipt; /* the latest */
    struct tocsin_appender_counts counts;
    bool is_welcome; /* since the start, once */
    bool is_closing;
    bool is_idle; /* the holder sleeps and must be woken for what is to be sent */
    int error;    /* final, and the thread ends */

    /* appender_lend.c, under the lock */
    enum appender_holder holder;
    pthread_cond_t roused; /* the thread is to take the socket back */
    bool is_roused;
    bool can_lend;      /* since the start: there is neither a spool nor a call into the program */
    bool is_broken;     /* a caller has found the session over */
    bool is_lone;       /* what was awaited last was one event */
    unsigned waiters;   /* callers that wait for something to be settled */
    uint64_t awaited_n; /* the latest that a caller has waited for */
    int64_t lent_us;    /* when a caller had it last; 0: never */

    /* the holder's own */
    void *socket; /* NULL between sessions */
    int socket_fd;
    bool is_drained; /* the socket had nothing more, and has not been used since */
    void *watch;
    int64_t watched_us;
    uint64_t handshakes; /* of this socket: with the second one the broker may be another, that knows of no session */
    uint64_t sent_n;
    uint64_t told_n; /* on_settled has been called up to here */
    uint64_t window;
    int64_t heard_us;
    int64_t asked_us; /* when it was last asked whether it is there */
    struct text out;
};

/* True for what may name a producer (PROTOCOL.md section 4.2). */
bool appender_is_producer(const char *name);

/* Tells the holder of the socket, where there is none the thread, that there is something to do; the lock is held. */
void appender_wake(struct tocsin_appender *appender);

/* True when nothing is unsettled; the lock is held. */
bool appender_is_empty(const struct tocsin_appender *appender);

/* appender_lend.c: the thread's. Lends the socket out, when someone waits for it or has used it of late, and waits until it
 * has something to do itself; false: at once, nobody wants it. */
bool appender_lend(struct tocsin_appender *appender);

/* A caller's, with the lock held, which is released meanwhile: takes the socket until event `n` is settled, the deadline,
 * or an error. False: it is not to be had. */
bool appender_borrow(struct tocsin_appender *appender, uint64_t n, int64_t deadline_us);

/* The same for as long as it takes to send the event that was just taken, and only where callers wait for each event:
 * else more will come, and the thread sends them together. */
bool appender_send_lone(struct tocsin_appender *appender);

/* When nobody has the socket: gives what a caller leaves behind to the next that waits, else to the thread; the lock is
 * held. */
void appender_see_to_rest(struct tocsin_appender *appender);

/* appender_session.c, by the holder: takes what has come, until event `n` is acknowledged (the rest stays for the next
 * turn), and sends what may be sent. False when the session is over. */
bool appender_turn(struct tocsin_appender *appender, uint64_t n);

/* Sends what may be sent. False when the session is over. */
bool appender_send_puts(struct tocsin_appender *appender);

/* Sleeps until there is something to do, unless there is already, at most so long. */
void appender_sleep(struct tocsin_appender *appender, int timeout_ms);

/* Waits for a change until the deadline; the lock is held. False at the deadline. */
bool appender_wait_change(struct tocsin_appender *appender, int64_t deadline_us);

/* The thread: keeps a session with the broker until the handle closes or fails for good. */
void *appender_run(void *appender);

/* The handle is dead from here on: all calls return `error`. */
void appender_fail(struct tocsin_appender *appender, int error);

/* What the next event gets; the lock is held. */
uint64_t appender_next_n(const struct tocsin_appender *appender);

/* appender_spool.c: the spool of a handle. Opening it, before there is a thread; errors as tocsin_appender_open. */
int appender_spool_open(struct tocsin_appender *appender);

/* Writes an event, and keeps it in the queue where it has room there; the lock is held. Errors as tocsin_append. */
int appender_spool_put(struct tocsin_appender *appender, struct span event);

/* All through `n` is settled; the lock is held. */
void appender_spool_settle(struct tocsin_appender *appender, uint64_t n);

/* Gives what the spool had to say to on_trouble. */
void appender_spool_tell(struct tocsin_appender *appender);

/* The thread's part: forces what was written to the disk, and fetches what has room in the queue. An error is the
 * handle's end. */
int appender_spool_work(struct tocsin_appender *appender);

/* True when there is something of that to do; the lock is held. */
bool appender_spool_is_due(const struct tocsin_appender *appender);

/* appender_message.c: takes one message of the broker. False when the session is over. */
bool appender_take(struct tocsin_appender *appender, struct span message);

/* appender_message.c: calls on_settled for what was settled without an acknowledgement: the broker had it already. */
void appender_tell_settled(struct tocsin_appender *appender);

#endif
