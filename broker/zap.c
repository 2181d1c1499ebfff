#include "broker/zap.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/clock.h"
#include "broker/log.h"

#define ENDPOINT   "inproc://zeromq.zap.01"
#define VERSION    "1.0"
#define ID_MAX     255
#define FRAMES_MAX 32 /* that are read of a request before the rest is passed over */

/* Each connection keeps its pipe to the socket that judged it for as long as it lasts, some 15 KiB, though it never
 * needs it again. The pipes go with the socket: after so many requests another one takes the place, and the former
 * stays for those that are under way. Who asks in between, for some microseconds, is refused and comes again at
 * once. But one that has found the former socket and is held up by the machine, before it asks, for longer than that
 * stays, is never answered: libzmq drops its question with the socket, and it comes again when its handshake's time
 * (10 s) is over. So FORMER_MS is far longer than a thread waits for the processor (with 200 that was seen on a
 * machine that was overloaded), and no longer than the pipes of those who come meanwhile, a thousand a second, may
 * be borne. Renewing is best when nobody comes. */
#define RENEW_REQUESTS 1000
#define RENEW_IDLE_MIN 20 /* requests, when nobody has come for so long: */
#define RENEW_IDLE_MS  1000
#define FORMER_MS      1000

struct zap {
    struct zap_options options;
    struct access_view view;
    void *socket;
    void *former; /* the socket before that, for a moment; else NULL */
    uint64_t former_until_us;
    unsigned request_count; /* since the socket is there */
    int stop_fd;
    pthread_t thread;
    bool has_thread;
    atomic_bool is_quiet;
};

/* The frames of a request. */
enum { FRAME_VERSION, FRAME_ID, FRAME_DOMAIN, FRAME_ADDRESS, FRAME_IDENTITY, FRAME_MECHANISM, FRAME_CREDENTIALS };

/* --- judgement --- */

/* The domain of each door is its name. */
static const char *const domains[] = {"ingest", "append", "live", "stream"};
#define DOMAIN_COUNT (sizeof domains / sizeof *domains)

/* The door with that domain; NULL: there is none. */
static const char *find_door(const struct settings_realms *realms, struct span domain)
{
    for (size_t i = 0; i < DOMAIN_COUNT; i++) {
        if (span_is(domain, domains[i]))
            return domains[i];
    }
    for (size_t i = 0; i < realms->count; i++) {
        if (span_is(domain, realms->items[i].door))
            return realms->items[i].door;
    }
    return NULL;
}

static void refuse(struct zap_verdict *verdict, const char *status, const char *reason)
{
    verdict->status = status;
    verdict->reason = reason;
}

static void welcome(struct zap_verdict *verdict, const struct access_key *key)
{
    refuse(verdict, "200", "welcome");
    verdict->owner = key->id;
}

void zap_judge(const struct access *access, const struct settings_realms *realms, const struct span *frames,
               size_t count, uint64_t now_us, struct zap_verdict *verdict)
{
    *verdict = (struct zap_verdict){.status = "500", .reason = "no request of ZAP"};
    if (count < FRAME_CREDENTIALS || !span_is(frames[FRAME_VERSION], VERSION) || frames[FRAME_ID].len > ID_MAX)
        return;
    verdict->door = find_door(realms, frames[FRAME_DOMAIN]);
    if (!verdict->door) {
        refuse(verdict, "400", "unknown domain");
        return;
    }
    if (!span_is(frames[FRAME_MECHANISM], "CURVE")) {
        refuse(verdict, "400", "no CURVE");
        return;
    }
    if (count != ZAP_FRAMES || frames[FRAME_CREDENTIALS].len != CURVE_KEY_LEN)
        return;
    curve_key_write(verdict->public_key, frames[FRAME_CREDENTIALS].data);
    struct span text = span_of(verdict->public_key, CURVE_Z85_LEN);
    const struct access_key *key = access_find(access, text, now_us);
    if (key && access_is_barred(key, now_us))
        refuse(verdict, "400", "barred for a flood");
    else if (key && access_may_open(key, verdict->door))
        welcome(verdict, key);
    else if (key)
        refuse(verdict, "400", "this door is not for that key");
    else
        refuse(verdict, "400", access_knows(access, text) ? "key not valid now" : "unknown key");
}

/* --- the thread --- */

static void note(struct zap *zap, const struct zap_verdict *verdict, struct span address)
{
    bool is_in = verdict->status[0] == '2';
    if (atomic_load(&zap->is_quiet))
        return;
    stats_add(is_in ? &zap->options.stats->handshakes_accepted : &zap->options.stats->handshakes_denied, 1);
    if (is_in) {
        arrivals_put(zap->options.arrivals, verdict->owner, verdict->door, address);
        return;
    }
    struct denial denial = {.door = verdict->door ? verdict->door : "none", .reason = verdict->reason, .count = 1};
    denial_put(denial.key, sizeof denial.key, span_of_str(verdict->public_key));
    denial_put(denial.address, sizeof denial.address, address);
    denials_note(zap->options.denials, &denial);
}

/* A part of an answer; the last one without ZMQ_SNDMORE. */
static void put(void *socket, const void *bytes, size_t len, bool has_more)
{
    zmq_send(socket, bytes, len, ZMQ_DONTWAIT | (has_more ? ZMQ_SNDMORE : 0));
}

static void answer(void *socket, struct span id, const struct zap_verdict *verdict)
{
    bool is_in = verdict->status[0] == '2';
    put(socket, VERSION, strlen(VERSION), true);
    put(socket, id.data, id.len <= ID_MAX ? id.len : 0, true);
    put(socket, verdict->status, strlen(verdict->status), true);
    put(socket, is_in ? "OK" : "denied", is_in ? 2 : 6, true); /* a stranger learns no more */
    put(socket, verdict->public_key, is_in ? CURVE_Z85_LEN : 0, true);
    put(socket, "", 0, false);
}

/* One request, when there is one. */
static bool take(struct zap *zap, void *socket)
{
    zmq_msg_t parts[FRAMES_MAX];
    struct span frames[FRAMES_MAX] = {{.data = NULL}};
    size_t count = 0, total = 0;
    bool has_more = true;
    while (has_more) {
        zmq_msg_t *part = &parts[count < FRAMES_MAX ? count : FRAMES_MAX - 1];
        if (total >= FRAMES_MAX)
            zmq_msg_close(part);
        zmq_msg_init(part);
        if (zmq_msg_recv(part, socket, total == 0 ? ZMQ_DONTWAIT : 0) < 0) {
            zmq_msg_close(part);
            break;
        }
        has_more = zmq_msg_more(part);
        total++;
        count = total < FRAMES_MAX ? total : FRAMES_MAX;
    }
    for (size_t i = 0; i < count; i++)
        frames[i] = span_of(zmq_msg_data(&parts[i]), zmq_msg_size(&parts[i]));
    if (total > 0) {
        struct zap_verdict verdict;
        access_view_refresh(&zap->view);
        zap_judge(zap->view.table, zap->options.realms, frames, total, clock_wall_us(), &verdict);
        note(zap, &verdict, total > FRAME_ADDRESS ? frames[FRAME_ADDRESS] : span_of("", 0));
        answer(socket, total > FRAME_ID ? frames[FRAME_ID] : span_of("", 0), &verdict);
    }
    for (size_t i = 0; i < count; i++)
        zmq_msg_close(&parts[i]);
    return total > 0;
}

static void *open_socket(const struct zap *zap)
{
    int zero = 0;
    void *socket = zmq_socket(zap->options.zmq, ZMQ_REP);
    if (socket && zmq_setsockopt(socket, ZMQ_LINGER, &zero, sizeof zero) == 0 &&
        zmq_setsockopt(socket, ZMQ_RCVHWM, &zero, sizeof zero) == 0 &&
        zmq_setsockopt(socket, ZMQ_SNDHWM, &zero, sizeof zero) == 0)
        return socket;
    if (socket)
        zmq_close(socket);
    return NULL;
}

/* Where that cannot be had the old one goes on. */
static void renew(struct zap *zap)
{
    void *socket = open_socket(zap);
    zap->request_count = 0;
    if (!socket)
        return;
    if (zmq_unbind(zap->socket, ENDPOINT) != 0 || zmq_bind(socket, ENDPOINT) != 0) {
        log_error("the handler of keys cannot be renewed: %s", zmq_strerror(errno));
        zmq_bind(zap->socket, ENDPOINT);
        zmq_close(socket);
        return;
    }
    zap->former = zap->socket;
    zap->former_until_us = clock_monotonic_us() + FORMER_MS * 1000;
    zap->socket = socket;
}

static void close_former(struct zap *zap)
{
    zmq_close(zap->former);
    zap->former = NULL;
}

static void take_all(struct zap *zap)
{
    while (take(zap, zap->socket))
        zap->request_count++;
    while (zap->former && take(zap, zap->former))
        continue;
}

static void *run(void *arg)
{
    struct zap *zap = arg;
    access_view_refresh(&zap->view);
    while (true) {
        take_all(zap);
        if (zap->former && clock_monotonic_us() >= zap->former_until_us)
            close_former(zap);
        if (!zap->former && zap->request_count >= RENEW_REQUESTS)
            renew(zap);
        zmq_pollitem_t items[] = {{.fd = zap->stop_fd, .events = ZMQ_POLLIN},
                                  {.socket = zap->socket, .events = ZMQ_POLLIN},
                                  {.socket = zap->former, .events = ZMQ_POLLIN}};
        bool may_renew = !zap->former && zap->request_count >= RENEW_IDLE_MIN;
        long timeout_ms = zap->former ? FORMER_MS : may_renew ? RENEW_IDLE_MS : -1;
        int ready = zmq_poll(items, zap->former ? 3 : 2, timeout_ms);
        if (items[0].revents || (ready < 0 && errno != EINTR))
            return NULL;
        if (ready == 0 && may_renew)
            renew(zap);
    }
}

struct zap *zap_start(const struct zap_options *options)
{
    struct zap *zap = calloc(1, sizeof *zap);
    if (!zap)
        return NULL;
    zap->options = *options;
    zap->view.gate = options->gate;
    zap->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    zap->socket = zap->stop_fd >= 0 ? open_socket(zap) : NULL;
    bool is_bound = zap->socket && zmq_bind(zap->socket, ENDPOINT) == 0;
    zap->has_thread = is_bound && pthread_create(&zap->thread, NULL, run, zap) == 0;
    if (!zap->has_thread)
        zap_stop(&zap);
    return zap;
}

void zap_stop(struct zap **self)
{
    struct zap *zap = *self;
    uint64_t one = 1;
    if (!zap)
        return;
    if (zap->has_thread) {
        ssize_t written = write(zap->stop_fd, &one, sizeof one);
        (void)written; /* a counter that is full is readable too */
        pthread_join(zap->thread, NULL);
    }
    access_view_end(&zap->view);
    if (zap->former)
        close_former(zap);
    if (zap->socket)
        zmq_close(zap->socket);
    if (zap->stop_fd >= 0)
        close(zap->stop_fd);
    free(zap);
    *self = NULL;
}

void zap_set_quiet(struct zap *zap, bool is_quiet)
{
    atomic_store(&zap->is_quiet, is_quiet);
}
