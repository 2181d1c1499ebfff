/* A gateway: one loop between listeners and the sink.
 *
 * The happy path: what comes in becomes an event, goes into the sink, and is in the broker's log some milliseconds
 * later. What can fail: the broker is away (events wait; then streams wait and datagrams are dropped, counted), what
 * comes is no message or no event (counted, told), another process takes the producer's name (3). */
#include "client/gateway/gateway.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/arg.h"
#include "client/complain.h"
#include "client/signals.h"

#define TICK_MS                500
#define RECEIVE_BUFFER_DEFAULT (8 * 1024 * 1024)
#define MESSAGE_MAX_DEFAULT    ((uint64_t)1024 * 1024)
#define MESSAGE_MAX_MOST       ((uint64_t)64 * 1024 * 1024)
#define QUEUE_DEFAULT          ((uint64_t)64 * 1024 * 1024)
#define CONNECTIONS_DEFAULT    256
#define MESSAGE_TIMEOUT_MS     30000
#define VERBOSE_EVERY_US       60000000
#define SOCKET_MODE_DEFAULT    0660

static volatile sig_atomic_t counts_asked;

static void note_asked(int signal)
{
    (void)signal;
    counts_asked = 1;
}

static void catch_signals(void)
{
    signals_catch();
    struct sigaction action = {.sa_handler = note_asked};
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
}

static void tell(struct loop_timer *timer, int64_t now_us)
{
    (void)now_us;
    struct gateway *gateway = (struct gateway *)((char *)timer - offsetof(struct gateway, timer));
    counts_tell(&gateway->counts, gateway->is_json);
}

static void resume(void *context)
{
    struct gateway *gateway = context;
    listen_resume(&gateway->listen);
    if (gateway->resume)
        gateway->resume(gateway->context);
}

/* kind-NAME, behind the key's name where there is one, of characters that a producer's name may have */
static bool name_producer(struct gateway *gateway, const char *name)
{
    const char *given = options_get(gateway->options, OPTION_PRODUCER_OF_GATEWAY);
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    const char *kind = strchr(commands[gateway->options->command].name, ' '), *key = "";
    size_t key_len = where_key_name(&gateway->where, &key);
    int len = given ? snprintf(gateway->producer, sizeof gateway->producer, "%s", given)
                    : snprintf(gateway->producer, sizeof gateway->producer, "%.*s%s%s-%s", (int)key_len, key,
                               key_len > 0 ? "-" : "", kind ? kind + 1 : "gateway", name ? name : host);
    bool is_name = len > 0 && (size_t)len < sizeof gateway->producer;
    for (char *at = gateway->producer; *at; at++) {
        if (isalnum((unsigned char)*at) || strchr("_.-", *at))
            continue;
        is_name = false;
        *at = given ? *at : '_';
    }
    if (given && !is_name)
        complain("--producer: \"%s\" is not allowed: 1 to %d of A-Z, a-z, 0-9, _ . -", given, TOCSIN_PRODUCER_MAX);
    return !given || is_name;
}

static bool read_mode(const struct options *options, mode_t *mode)
{
    const char *text = options_get(options, OPTION_SOCKET_MODE);
    *mode = SOCKET_MODE_DEFAULT;
    if (!text)
        return true;
    char *end;
    unsigned long value = strtoul(text, &end, 8);
    *mode = (mode_t)value;
    if (*text >= '0' && *text <= '7' && *end == '\0' && value <= 0777)
        return true;
    complain("--socket-mode: \"%s\" is not allowed: octal digits, 0777 at most", text);
    return false;
}

static bool read_bytes(const struct options *options, enum option_id id, uint64_t most, uint64_t *value)
{
    if (!arg_count(options, id, value))
        return false;
    if (*value <= most)
        return true;
    complain("--%s: %s is not allowed: at most %llu", option_table[id].name, options_get(options, id),
             (unsigned long long)most);
    return false;
}

static bool read_listen(const struct options *options, struct listen_settings *settings)
{
    uint64_t buffer = RECEIVE_BUFFER_DEFAULT, message = MESSAGE_MAX_DEFAULT, connections = CONNECTIONS_DEFAULT;
    settings->message_timeout_ms = MESSAGE_TIMEOUT_MS;
    settings->is_quiet = options_has(options, OPTION_QUIET);
    if (!read_mode(options, &settings->socket_mode) ||
        !read_bytes(options, OPTION_RECEIVE_BUFFER, (uint64_t)1 << 30, &buffer) ||
        !read_bytes(options, OPTION_MAX_MESSAGE, MESSAGE_MAX_MOST, &message) ||
        !read_bytes(options, OPTION_MAX_CONNECTIONS, 100000, &connections) ||
        !arg_duration_ms(options, OPTION_MESSAGE_TIMEOUT, &settings->message_timeout_ms))
        return false;
    settings->receive_buffer_bytes = (int)buffer;
    settings->max_message_bytes = message;
    settings->max_connections = connections;
    return true;
}

/* Before anything is opened: what is no endpoint is a fault of usage. */
static bool check_endpoints(const struct options *options)
{
    struct address address;
    for (size_t i = 0; i < options->value_count; i++) {
        if (options->values[i].id == OPTION_LISTEN && !address_read(options->values[i].value, &address))
            return false;
    }
    return true;
}

static bool read_counts(struct gateway *gateway)
{
    unsigned output = 0;
    int every_ms = 0;
    if (!arg_choice(gateway->options, OPTION_OUTPUT_OF_COUNTS, &output) ||
        !arg_duration_ms(gateway->options, OPTION_COUNTS_EVERY, &every_ms))
        return false;
    gateway->is_json = output == 1;
    gateway->is_quiet = options_has(gateway->options, OPTION_QUIET);
    bool is_verbose = options_has(gateway->options, OPTION_VERBOSE);
    gateway->timer.every_us = every_ms > 0 ? (int64_t)every_ms * 1000 : is_verbose ? VERBOSE_EVERY_US : 0;
    return true;
}

static int begin(struct gateway *gateway, const struct listen_settings *listening, uint64_t first_n)
{
    /* what has numbers of its own can be read again, and needs no spool */
    const char *spool_dir = first_n > 0 ? NULL : options_get(gateway->options, OPTION_SPOOL_OF_GATEWAY);
    struct sink_settings settings = {&gateway->where, gateway->producer, gateway->queue_bytes, spool_dir, first_n};
    gateway->event = tocsin_event_new();
    catch_signals();
    if (!gateway->event || !listen_init(&gateway->listen, &gateway->loop, &gateway->counts, listening) ||
        !sink_open(&gateway->sink, &gateway->loop, &settings, &gateway->redact, &gateway->counts, resume, gateway))
        return EXIT_CODE_FAILED;
    if (gateway->timer.every_us > 0) {
        gateway->timer.ring = tell;
        loop_every(&gateway->loop, &gateway->timer);
    }
    return EXIT_CODE_OK;
}

int gateway_open(struct gateway *gateway, const struct options *options, const char *name,
                 void (*resume_own)(void *context), void *context)
{
    return gateway_open_numbered(gateway, options, name, NULL, 0, resume_own, context);
}

int gateway_open_numbered(struct gateway *gateway, const struct options *options, const char *name,
                          const char *producer, uint64_t first_n, void (*resume_own)(void *context), void *context)
{
    *gateway = (struct gateway){.options = options, .resume = resume_own, .context = context};
    counts_init(&gateway->counts);
    struct listen_settings listening = {0};
    gateway->queue_bytes = QUEUE_DEFAULT;
    if (!loop_init(&gateway->loop)) {
        complain("cannot begin: %s", strerror(errno));
        return EXIT_CODE_FAILED;
    }
    if (!where_find(options, ENDPOINT_APPEND, &gateway->where) || !name_producer(gateway, name) ||
        !redact_init(&gateway->redact, options) || !check_endpoints(options) || !read_listen(options, &listening) ||
        !read_counts(gateway) || !read_bytes(options, OPTION_QUEUE, (uint64_t)1 << 36, &gateway->queue_bytes))
        return EXIT_CODE_USAGE;
    gateway->max_message_bytes = listening.max_message_bytes;
    if (producer)
        snprintf(gateway->producer, sizeof gateway->producer, "%s", producer);
    return begin(gateway, &listening, first_n);
}

bool gateway_listen(struct gateway *gateway, const struct listen_protocol *protocol, void *context, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < gateway->options->value_count; i++) {
        const struct option_value *value = &gateway->options->values[i];
        if (value->id != OPTION_LISTEN)
            continue;
        if (!listen_add(&gateway->listen, value->value, protocol, context))
            return false;
        ++*count;
    }
    return true;
}

static void serve(struct gateway *gateway)
{
    while (!signals_caught() && !gateway->is_done && !gateway->sink.is_dead) {
        loop_once(&gateway->loop, TICK_MS);
        if (!counts_asked)
            continue;
        counts_asked = 0; /* first: who asks again while they are told is told again */
        tell(&gateway->timer, 0);
    }
}

int gateway_run(struct gateway *gateway)
{
    serve(gateway);
    if (gateway->end)
        gateway->end(gateway->context);
    listen_drain(&gateway->listen);
    uint64_t unsettled = sink_drain(&gateway->sink, &gateway->loop);
    if (!gateway->is_quiet || gateway->is_json)
        counts_tell(&gateway->counts, gateway->is_json);
    const char *spool_dir = gateway->sink.is_dead ? NULL : gateway->sink.settings.spool_dir;
    if (unsettled > 0)
        complain("%llu events not acknowledged by %s%s%s", (unsigned long long)unsettled, gateway->where.endpoint,
                 spool_dir ? ": kept in " : "", spool_dir ? spool_dir : "");
    if (gateway->sink.is_dead)
        return gateway->sink.code;
    return unsettled > 0 && !spool_dir ? EXIT_CODE_UNREACHABLE : EXIT_CODE_OK;
}

void gateway_close(struct gateway *gateway)
{
    if (gateway->sink.settings.where) /* it was begun */
        sink_close(&gateway->sink, &gateway->loop);
    listen_close(&gateway->listen);
    tocsin_event_free(&gateway->event);
    redact_fini(&gateway->redact);
    loop_fini(&gateway->loop);
    counts_fini(&gateway->counts);
}
