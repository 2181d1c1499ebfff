/* The thread of an appender, and what whoever holds the socket does with it (appender_lend.c). A session has a socket of
 * its own, so that nothing of an earlier one can come in: connect, hello, welcome, then puts while the window has room,
 * until something breaks; a pause, and the next session. */
#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include <zmq.h>

#include "client/appender.h"
#include "client/clock.h"
#include "client/socket.h"
#include "client/watch.h"
#include "proto/wire.h"

#define ANSWER_BYTES_MAX 65536 /* the broker's messages are short */
#define PUT_BYTES_MAX    262144
#define PUT_EVENTS_MAX   1024
#define PUT_HEAD_MAX     32
#define WELCOME_US       INT64_C(3000000)
#define ASK_AFTER_US     INT64_C(3000000) /* of silence, while something is unsettled or not */
#define GONE_AFTER_US    INT64_C(8000000)
#define PAUSE_MIN_MS     20
#define PAUSE_MAX_MS     1000
#define TICK_MS          500
#define WATCH_US         INT64_C(50000) /* looking costs two system calls */
#define SEND_TRIES       10

static bool is_over(struct tocsin_appender *appender)
{
    pthread_mutex_lock(&appender->lock);
    bool is_over = appender->is_closing || appender->error;
    pthread_mutex_unlock(&appender->lock);
    return is_over;
}

/* In a caller's thread a signal may come. Not for ever: libzmq says the same to a process that was forked. */
static bool send_out(struct tocsin_appender *appender)
{
    int sent = -1;
    errno = appender->out.failed ? ENOMEM : EINTR;
    appender->is_drained = false;
    for (int tries = 0; tries < SEND_TRIES && sent < 0 && errno == EINTR; tries++)
        sent = zmq_send(appender->socket, appender->out.data, appender->out.len, ZMQ_DONTWAIT);
    return sent >= 0;
}

static void close_socket(struct tocsin_appender *appender)
{
    if (appender->watch)
        watch_close(&appender->watch, appender->socket);
    if (appender->socket)
        zmq_close(appender->socket);
    appender->socket = NULL;
}

static bool connect_socket(struct tocsin_appender *appender)
{
    int no_mark = 0; /* bounded by the window */
    pthread_mutex_lock(&appender->lock);
    appender->is_broken = false;
    pthread_mutex_unlock(&appender->lock);
    appender->handshakes = 0;
    appender->watched_us = 0;
    appender->is_drained = false;
    size_t size = sizeof appender->socket_fd;
    appender->socket = zmq_socket(appender->context, ZMQ_DEALER);
    appender->watch = appender->socket ? watch_open(appender->context, appender->socket) : NULL;
    if (appender->watch &&
        socket_set_defaults(appender->socket, appender->endpoint, &appender->curve, ANSWER_BYTES_MAX) &&
        zmq_setsockopt(appender->socket, ZMQ_SNDHWM, &no_mark, sizeof no_mark) == 0 &&
        zmq_setsockopt(appender->socket, ZMQ_RCVHWM, &no_mark, sizeof no_mark) == 0 &&
        zmq_getsockopt(appender->socket, ZMQ_FD, &appender->socket_fd, &size) == 0 &&
        zmq_connect(appender->socket, appender->endpoint) == 0)
        return true;
    close_socket(appender);
    return false;
}

static bool say_hello(struct tocsin_appender *appender)
{
    text_clear(&appender->out);
    wire_write_array(&appender->out, 4);
    wire_write_str(&appender->out, span_of_str("hello"));
    wire_write_uint(&appender->out, 1);
    wire_write_str(&appender->out, span_of_str(appender->producer));
    wire_write_uint(&appender->out, appender->options.incarnation);
    appender->window = 0;
    return send_out(appender);
}

static bool receive(struct tocsin_appender *appender, zmq_msg_t *message)
{
    bool is_there = zmq_msg_recv(message, appender->socket, ZMQ_DONTWAIT) >= 0;
    appender->is_drained = !is_there && errno == EAGAIN;
    return is_there;
}

/* Takes all that is there, or until event `n` is acknowledged. False when the session is over. */
static bool take_messages(struct tocsin_appender *appender, uint64_t n)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    bool is_good = true;
    while (is_good && appender->told_n < n && receive(appender, &message)) {
        appender->heard_us = clock_now_us();
        is_good = appender_take(appender, span_of(zmq_msg_data(&message), zmq_msg_size(&message)));
    }
    zmq_msg_close(&message);
    return is_good;
}

/* What is below may be sent: with a spool, once it is on the disk. The lock is held. */
static uint64_t ready_end(const struct tocsin_appender *appender)
{
    uint64_t end = appender->queue.next_n;
    return appender->has_spool && appender->spool.synced_n + 1 < end ? appender->spool.synced_n + 1 : end;
}

/* Writes the next put into appender->out: events behind sent_n as far as window and size allow. Returns how many. */
static uint32_t compose_put(struct tocsin_appender *appender)
{
    const struct append_queue *queue = &appender->queue;
    uint64_t first = appender->sent_n + 1;
    uint64_t end = ready_end(appender);
    size_t len = 0;
    uint32_t count = 0;
    while (first + count < end && count < PUT_EVENTS_MAX && first + count - queue->first_n < appender->window) {
        size_t event_len = append_queue_at(queue, first + count).len;
        if (count > 0 && len + event_len > PUT_BYTES_MAX)
            break;
        len += event_len;
        count++;
    }
    text_clear(&appender->out);
    if (count == 0 || !text_reserve(&appender->out, len + PUT_HEAD_MAX))
        return 0;
    wire_write_array(&appender->out, 3);
    wire_write_str(&appender->out, span_of_str("put"));
    wire_write_uint(&appender->out, first);
    wire_write_array(&appender->out, count);
    /* they stand back to back in the queue */
    text_put(&appender->out, append_queue_at(queue, first).data, len);
    return count;
}

bool appender_send_puts(struct tocsin_appender *appender)
{
    uint32_t count;
    do {
        pthread_mutex_lock(&appender->lock);
        count = appender->window > 0 ? compose_put(appender) : 0;
        pthread_mutex_unlock(&appender->lock);
        if (count > 0 && !send_out(appender))
            return false;
        appender->sent_n += count;
    } while (count > 0);
    return true;
}

/* False when the broker has been silent for too long, or when the connection was made anew: what was on its way is lost,
 * and nobody would say so. */
static bool keep_alive(struct tocsin_appender *appender)
{
    int64_t now_us = clock_now_us();
    if (now_us - appender->watched_us >= WATCH_US) {
        appender->watched_us = now_us;
        appender->handshakes += watch_take_handshakes(appender->watch);
    }
    if (appender->handshakes > 1)
        return false;
    int64_t silent_us = now_us - appender->heard_us;
    if (appender->window == 0)
        return silent_us < WELCOME_US;
    if (silent_us >= GONE_AFTER_US)
        return false;
    if (silent_us < ASK_AFTER_US || now_us - appender->asked_us < ASK_AFTER_US)
        return true;
    appender->asked_us = now_us;
    text_clear(&appender->out);
    wire_write_array(&appender->out, 1);
    wire_write_str(&appender->out, span_of_str("ping"));
    return send_out(appender);
}

/* False when there is something to send or to tell already. */
static bool may_sleep(struct tocsin_appender *appender)
{
    pthread_mutex_lock(&appender->lock);
    const struct append_queue *queue = &appender->queue;
    bool is_unsent = appender->socket && appender->sent_n + 1 < ready_end(appender) &&
                     appender->sent_n + 1 - queue->first_n < appender->window;
    bool is_untold = appender->told_n + 1 < queue->first_n;
    bool is_due = appender->has_spool && appender_spool_is_due(appender);
    bool is_idle = !is_unsent && !is_untold && !is_due;
    appender->is_idle = is_idle;
    pthread_mutex_unlock(&appender->lock);
    return is_idle;
}

/* The socket's descriptor tells of what came since the socket was last asked, be it by sending. */
static bool has_news(const struct tocsin_appender *appender)
{
    int events = 0;
    size_t size = sizeof events;
    bool is_known = !appender->socket || appender->is_drained;
    return !is_known && zmq_getsockopt(appender->socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN);
}

void appender_sleep(struct tocsin_appender *appender, int timeout_ms)
{
    appender_tell_settled(appender);
    int error = appender->has_spool ? appender_spool_work(appender) : TOCSIN_OK;
    if (error)
        appender_fail(appender, error);
    if (!may_sleep(appender) || has_news(appender))
        return;
    struct pollfd items[] = {{.fd = appender->wake_fd, .events = POLLIN},
                             {.fd = appender->socket ? appender->socket_fd : -1, .events = POLLIN}};
    poll(items, 2, timeout_ms);
    uint64_t count;
    ssize_t taken = items[0].revents ? read(appender->wake_fd, &count, sizeof count) : 0;
    (void)taken;
}

bool appender_turn(struct tocsin_appender *appender, uint64_t n)
{
    return take_messages(appender, n) && appender_send_puts(appender) && keep_alive(appender);
}

/* One session, to its end. True when the broker welcomed it. */
static bool run_session(struct tocsin_appender *appender)
{
    appender->heard_us = clock_now_us();
    appender->asked_us = appender->heard_us;
    bool is_good = connect_socket(appender) && say_hello(appender);
    while (is_good && !is_over(appender)) {
        is_good = appender_turn(appender, UINT64_MAX);
        if (is_good && !appender_lend(appender))
            appender_sleep(appender, TICK_MS);
        is_good = is_good && !appender->is_broken;
    }
    close_socket(appender);
    return appender->window > 0;
}

void *appender_run(void *arg)
{
    struct tocsin_appender *appender = arg;
    int pause_ms = PAUSE_MIN_MS;
    while (!is_over(appender)) {
        pause_ms = run_session(appender) ? PAUSE_MIN_MS : 2 * pause_ms;
        if (pause_ms > PAUSE_MAX_MS)
            pause_ms = PAUSE_MAX_MS;
        int64_t until_us = clock_now_us() + pause_ms * 1000;
        while (!is_over(appender) && clock_now_us() < until_us)
            appender_sleep(appender, clock_left_ms(until_us, clock_now_us()));
    }
    appender_tell_settled(appender);
    return NULL;
}
