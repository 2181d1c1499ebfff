/* An appender, as its files share it. */
#ifndef CLIENT_APPENDER_H
#define CLIENT_APPENDER_H

#include <pthread.h>

#include "client/append_queue.h"
#include "client/endpoint.h"
#include "client/tocsin_append.h"

struct tocsin_appender {
    struct tocsin_appender_options options; /* its texts are the copies below */
    char producer[TOCSIN_PRODUCER_MAX + 1];
    char endpoint[ENDPOINT_MAX];
    void *context;
    pthread_t thread;
    bool has_thread;
    int wake_fd; /* tells the thread that there is something to send, or that it shall end */

    /* under the lock */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* settled, refused, welcomed, failed, room */
    struct append_queue queue;
    uint64_t last_n;               /* of the broker at the first welcome: what was settled before this handle */
    struct tocsin_receipt receipt; /* the latest */
    struct tocsin_appender_counts counts;
    bool is_welcome; /* since the start, once */
    bool is_closing;
    bool is_idle; /* the thread sleeps and must be woken for what is to be sent */
    int error;    /* final: TOCSIN_E_CLOSED, TOCSIN_E_NOMEM */

    /* the thread's own */
    void *socket; /* NULL between sessions */
    void *watch;
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

/* The thread: keeps a session with the broker until the handle closes or fails for good. */
void *appender_run(void *appender);

/* appender_message.c: takes one message of the broker. False when the session is over. */
bool appender_take(struct tocsin_appender *appender, struct span message);

/* appender_message.c: calls on_settled for what was settled without an acknowledgement: the broker had it already. */
void appender_tell_settled(struct tocsin_appender *appender);

#endif
