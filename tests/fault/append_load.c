/* A producer at full speed for the fault tests: append_load NAME ENDPOINT [WINDOW]
 *
 * It speaks the append door's protocol over a raw DEALER, keeps the window full, and after every break of the
 * connection and every error says hello again and sends again what it has no receipt for. What its event number n says
 * is a pure function of NAME and n, known to checker.py as well; what it did goes to stdout, a line each:
 *
 *   sent N          before event N is given to the network
 *   welcome N       the broker's last_n
 *   ack N SEQ HASH  a receipt
 *   nack N CODE     a refusal
 *   error CODE      the session's end, told by the broker
 *   done N          all N events are acknowledged, after stdin was closed
 *
 * Each line is written before what comes after it happens, so that a power cut leaves a true record. */
#include <errno.h>
#include <inttypes.h>
#include <msgpack.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define PUT_MAX         64
#define EVENT_ROOM      512
#define FILLER_LEN      4096
#define FILLER_SPAN     3800
#define SILENCE_US      5000000
#define PAUSE_US        20000
#define RECONNECT_MS    10
#define DRAIN_US        60000000
#define NUMBER_MODULUS  1000000
#define SHARED_ONE_IN   4
#define SUMMARY_SHORT   80
#define SUMMARY_VARIETY 100

struct load {
    void *context;
    void *socket;
    void *monitor;
    const char *name;
    const char *endpoint;
    uint64_t incarnation;
    uint64_t window_wanted;
    uint64_t window;
    uint64_t next;     /* the number that is sent next */
    uint64_t acked;    /* all through this one have a receipt */
    uint64_t sent_max; /* the highest number ever sent */
    int64_t heard_us;
    bool is_open;
    bool is_stopping;
    char filler[FILLER_LEN];
    char put[32 + PUT_MAX * EVENT_ROOM];
};

static void die(const char *what)
{
    fprintf(stderr, "append_load: %s: %s\n", what, zmq_strerror(errno));
    exit(2);
}

static int64_t clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void fill(char *filler)
{
    uint32_t state = 1;
    for (size_t at = 0; at < FILLER_LEN; at++) {
        state = (state * 1103515245U + 12345U) & 0x7fffffffU;
        filler[at] = (char)('a' + (state >> 16) % 26);
    }
}

/* MessagePack, as far as it is needed here. */

struct out {
    char *at;
};

static void out_byte(struct out *out, unsigned byte)
{
    *out->at++ = (char)(unsigned char)byte;
}

static void out_big(struct out *out, uint64_t value, int len)
{
    for (int shift = 8 * (len - 1); shift >= 0; shift -= 8)
        out_byte(out, (unsigned)(value >> shift) & 0xff);
}

static void out_uint(struct out *out, uint64_t value)
{
    out_byte(out, 0xcf);
    out_big(out, value, 8);
}

static void out_bytes(struct out *out, const char *bytes, size_t len)
{
    out_byte(out, 0xda);
    out_big(out, len, 2);
    memcpy(out->at, bytes, len);
    out->at += len;
}

static void out_str(struct out *out, const char *text)
{
    out_bytes(out, text, strlen(text));
}

static void out_event(struct out *out, const struct load *load, uint64_t n)
{
    char text[64 + SUMMARY_SHORT + SUMMARY_VARIETY + 64];
    double half = (double)n / 2;
    uint64_t bits;

    out_byte(out, 0x87);
    out_str(out, "time");
    snprintf(text, sizeof text, "2026-11-21T09:30:00.%06u+09:00", (unsigned)(n % NUMBER_MODULUS));
    out_str(out, text);
    out_str(out, "level");
    out_str(out, "Info");
    out_str(out, "category");
    out_str(out, "LoadEvent");
    out_str(out, "type");
    out_str(out, "Numbered");
    out_str(out, "sourceId");
    out_str(out, n % SHARED_ONE_IN == 0 ? "shared" : load->name);
    out_str(out, "summary");
    snprintf(text, sizeof text, "event %" PRIu64 " of %s: %.*s", n, load->name,
             (int)(SUMMARY_SHORT + n % SUMMARY_VARIETY), load->filler + n * 37 % FILLER_SPAN);
    out_str(out, text);
    out_str(out, "snapshot");
    out_byte(out, 0x82);
    out_str(out, "number");
    out_uint(out, n);
    out_str(out, "half");
    out_byte(out, 0xcb);
    memcpy(&bits, &half, sizeof bits);
    out_big(out, bits, 8);
}

static void record_flush(void)
{
    if (fflush(stdout) != 0)
        die("stdout");
}

/* The session */

static void disconnect(struct load *load)
{
    if (load->socket == NULL)
        return;
    zmq_socket_monitor(load->socket, NULL, 0);
    zmq_close(load->monitor);
    zmq_close(load->socket);
    load->socket = NULL;
    load->is_open = false;
}

static void set_option(void *socket, int option, int value)
{
    if (zmq_setsockopt(socket, option, &value, sizeof value) != 0)
        die("zmq_setsockopt");
}

static void say_hello(struct load *load)
{
    char message[256];
    struct out out = {message};

    out_byte(&out, 0x94);
    out_str(&out, "hello");
    out_byte(&out, 1);
    out_str(&out, load->name);
    out_uint(&out, load->incarnation);
    if (zmq_send(load->socket, message, (size_t)(out.at - message), 0) < 0)
        die("hello");
}

/* Each session has a socket of its own, so that nothing that was meant for the last one goes into it. */
static void start_session(struct load *load)
{
    static unsigned generation;
    char address[64];

    disconnect(load);
    snprintf(address, sizeof address, "inproc://monitor-%u", ++generation);
    load->socket = zmq_socket(load->context, ZMQ_DEALER);
    load->monitor = zmq_socket(load->context, ZMQ_PAIR);
    if (load->socket == NULL || load->monitor == NULL)
        die("zmq_socket");
    set_option(load->socket, ZMQ_LINGER, 0);
    set_option(load->socket, ZMQ_SNDHWM, 0);
    set_option(load->socket, ZMQ_RCVHWM, 0);
    set_option(load->socket, ZMQ_RECONNECT_IVL, RECONNECT_MS);
    if (zmq_socket_monitor(load->socket, address, ZMQ_EVENT_DISCONNECTED) != 0 ||
        zmq_connect(load->monitor, address) != 0 || zmq_connect(load->socket, load->endpoint) != 0)
        die(load->endpoint);
    say_hello(load);
    load->heard_us = clock_us(CLOCK_MONOTONIC);
}

static void pause_and_start(struct load *load)
{
    usleep(PAUSE_US);
    start_session(load);
}

static void put_some(struct load *load, uint64_t count)
{
    struct out out = {load->put};

    out_byte(&out, 0x93);
    out_str(&out, "put");
    out_uint(&out, load->next);
    out_byte(&out, 0xdc);
    out_big(&out, count, 2);
    for (uint64_t index = 0; index < count; index++)
        out_event(&out, load, load->next + index);
    load->next += count;
    if (load->next - 1 > load->sent_max) {
        load->sent_max = load->next - 1;
        printf("sent %" PRIu64 "\n", load->sent_max);
        record_flush();
    }
    if (zmq_send(load->socket, load->put, (size_t)(out.at - load->put), 0) < 0)
        die("put");
}

/* What was sent once is sent again until it has a receipt; new events only until the stop. */
static void fill_window(struct load *load)
{
    uint64_t last = load->acked + load->window;
    if (load->is_stopping && last > load->sent_max)
        last = load->sent_max;
    while (load->next <= last) {
        uint64_t count = last - load->next + 1;
        uint64_t wanted = 1 + load->next % PUT_MAX;
        put_some(load, count < wanted ? count : wanted);
    }
}

/* Answers */

static bool is_verb(const msgpack_object *object, const char *verb)
{
    return object->type == MSGPACK_OBJECT_STR && object->via.str.size == strlen(verb) &&
           memcmp(object->via.str.ptr, verb, strlen(verb)) == 0;
}

static uint64_t uint_of(const msgpack_object_array *message, uint32_t index)
{
    if (index >= message->size || message->ptr[index].type != MSGPACK_OBJECT_POSITIVE_INTEGER) {
        fprintf(stderr, "append_load: an answer without the number that it must have\n");
        exit(3);
    }
    return message->ptr[index].via.u64;
}

static int str_len(const msgpack_object_array *message, uint32_t index, const char **text)
{
    if (index >= message->size || message->ptr[index].type != MSGPACK_OBJECT_STR) {
        fprintf(stderr, "append_load: an answer without the text that it must have\n");
        exit(3);
    }
    *text = message->ptr[index].via.str.ptr;
    return (int)message->ptr[index].via.str.size;
}

static void welcome(struct load *load, const msgpack_object_array *message)
{
    uint64_t last_n = uint_of(message, 3);
    uint64_t window = uint_of(message, 4);

    printf("welcome %" PRIu64 "\n", last_n);
    load->window = window < load->window_wanted ? window : load->window_wanted;
    load->next = load->acked + 1;
    load->is_open = true;
}

static void settle(struct load *load, const msgpack_object_array *message)
{
    const char *hash;
    int hash_len = str_len(message, 3, &hash);
    uint64_t n = uint_of(message, 1);

    printf("ack %" PRIu64 " %" PRIu64 " %.*s\n", n, uint_of(message, 2), hash_len, hash);
    if (n > load->acked)
        load->acked = n;
}

/* False when the session is over. */
static bool take(struct load *load, const msgpack_object_array *message)
{
    const char *text;
    int text_len;

    if (is_verb(&message->ptr[0], "ack")) {
        settle(load, message);
    } else if (is_verb(&message->ptr[0], "welcome")) {
        welcome(load, message);
    } else if (is_verb(&message->ptr[0], "nack")) {
        text_len = str_len(message, 2, &text);
        printf("nack %" PRIu64 " %.*s\n", uint_of(message, 1), text_len, text);
    } else if (is_verb(&message->ptr[0], "ping")) {
        zmq_send(load->socket, "\x91\xa4pong", 6, 0);
    } else if (is_verb(&message->ptr[0], "error")) {
        text_len = str_len(message, 1, &text);
        printf("error %.*s\n", text_len, text);
        return false;
    }
    return true;
}

static bool take_all(struct load *load)
{
    bool goes_on = true;
    zmq_msg_t frame;
    msgpack_unpacked unpacked;

    zmq_msg_init(&frame);
    msgpack_unpacked_init(&unpacked);
    while (goes_on && zmq_msg_recv(&frame, load->socket, ZMQ_DONTWAIT) >= 0) {
        load->heard_us = clock_us(CLOCK_MONOTONIC);
        if (msgpack_unpack_next(&unpacked, zmq_msg_data(&frame), zmq_msg_size(&frame), NULL) !=
                MSGPACK_UNPACK_SUCCESS ||
            unpacked.data.type != MSGPACK_OBJECT_ARRAY || unpacked.data.via.array.size == 0) {
            fprintf(stderr, "append_load: an answer that is no array\n");
            exit(3);
        }
        goes_on = take(load, &unpacked.data.via.array);
    }
    msgpack_unpacked_destroy(&unpacked);
    zmq_msg_close(&frame);
    record_flush();
    return goes_on;
}

static bool is_stdin_closed(short events)
{
    char bytes[64];
    return events != 0 && read(STDIN_FILENO, bytes, sizeof bytes) == 0;
}

/* True when all is acknowledged after the stop. */
static bool run_once(struct load *load)
{
    zmq_pollitem_t items[] = {{.socket = load->socket, .events = ZMQ_POLLIN},
                              {.socket = load->monitor, .events = ZMQ_POLLIN},
                              {.fd = STDIN_FILENO, .events = ZMQ_POLLIN}};
    if (load->is_open)
        fill_window(load);
    if (zmq_poll(items, load->is_stopping ? 2 : 3, 100) < 0 && errno != EINTR)
        die("zmq_poll");
    if (!load->is_stopping)
        load->is_stopping = is_stdin_closed(items[2].revents);
    bool is_over = items[0].revents != 0 && !take_all(load);
    if (is_over || items[1].revents != 0)
        pause_and_start(load);
    else if (clock_us(CLOCK_MONOTONIC) - load->heard_us > SILENCE_US &&
             (!load->is_open || load->next - 1 > load->acked))
        start_session(load);
    return load->is_stopping && load->acked == load->sent_max;
}

int main(int argc, char **argv)
{
    static struct load load;
    int64_t stopping_us = 0;

    if (argc < 3) {
        fprintf(stderr, "usage: append_load NAME ENDPOINT [WINDOW]\n");
        return 2;
    }
    load.name = argv[1];
    load.endpoint = argv[2];
    load.window_wanted = argc > 3 ? strtoull(argv[3], NULL, 10) : 8192;
    load.incarnation = (uint64_t)clock_us(CLOCK_REALTIME);
    load.next = 1;
    fill(load.filler);
    load.context = zmq_ctx_new();
    start_session(&load);
    while (!run_once(&load)) {
        int64_t now_us = clock_us(CLOCK_MONOTONIC);
        if (load.is_stopping && stopping_us == 0)
            stopping_us = now_us;
        if (load.is_stopping && now_us - stopping_us > DRAIN_US) {
            fprintf(stderr, "append_load: %s: not all acknowledged a minute after the stop\n", load.name);
            return 1;
        }
    }
    disconnect(&load);
    zmq_ctx_term(load.context);
    printf("done %" PRIu64 "\n", load.acked);
    return fflush(stdout) == 0 ? 0 : 2;
}
