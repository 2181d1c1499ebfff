/* tocsin gateway ome: OvenMediaEngine's event logs from a folder, the lines of its forwarder, its alerts.
 *
 * The logs are read with numbers of their own, under a producer that belongs to the state file; what comes over the
 * network cannot be read again, and has a producer of its own, with numbers as the broker gives them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/command.h"
#include "client/complain.h"
#include "client/gateway/follow.h"
#include "client/gateway/json_lines.h"
#include "client/gateway/ome_webhook.h"

#define NAME_DEFAULT "events.log"

struct ome {
    const struct options *options;
    struct gateway gateway;
    struct follow_store store;
    struct follow follow;
    struct ome_webhook webhook;
    bool has_dir;
    struct sink second; /* of the listeners, beside a folder */
    struct sink *net;   /* where they put; NULL: there are none */
    char net_producer[TOCSIN_PRODUCER_MAX + 1];
};

/* A connection of the forwarder. */
struct peer {
    struct json_lines lines;
    struct ome_events events;
    const struct listen_connection *connection;
};

static int put_line(void *context, struct span line, const char *where)
{
    struct peer *peer = context;
    struct ome_origin origin = {peer->connection->where, "line", peer->lines.line, line.len, where};
    return ome_events_put(&peer->events, line, &origin);
}

static struct peer *make_peer(struct ome *ome, const struct listen_connection *connection)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        return NULL;
    peer->connection = connection;
    peer->lines = (struct json_lines){.gateway = &ome->gateway, .put = put_line, .context = peer};
    ome_events_init(&peer->events, &ome->gateway, ome->net, ome->net->settings.producer);
    return peer;
}

static size_t on_stream(void *context, struct listen_connection *connection, struct span bytes, bool is_end,
                        enum listen_verdict *verdict)
{
    struct peer *peer = connection->state ? connection->state : make_peer(context, connection);
    bool is_full = false;
    connection->state = peer;
    if (!peer) {
        *verdict = LISTEN_CLOSE;
        return 0;
    }
    size_t taken = json_lines_take(&peer->lines, bytes, is_end, connection->where, &is_full);
    connection->messages = peer->lines.line;
    *verdict = is_full ? LISTEN_WAIT : LISTEN_GO_ON;
    return taken;
}

static void on_closed(void *context, struct listen_connection *connection)
{
    struct peer *peer = connection->state;
    (void)context;
    if (peer)
        ome_events_fini(&peer->events);
    free(peer);
}

static void on_datagram(void *context, struct span bytes, const char *where)
{
    struct ome *ome = context;
    (void)bytes;
    counts_complain(&ome->gateway.counts, COUNT_REFUSED_SYNTAX, 1, "%s: the forwarder sends no datagrams", where);
}

static const struct listen_protocol protocol = {SOCK_STREAM, on_datagram, on_stream, NULL, on_closed};

static void resume(void *context)
{
    struct ome *ome = context;
    if (ome->has_dir && ome->follow.gateway)
        follow_resume(&ome->follow);
    if (ome->webhook.daemon)
        ome_webhook_resume(&ome->webhook);
}

static void resume_net(void *context)
{
    struct ome *ome = context;
    listen_resume(&ome->gateway.listen);
    if (ome->webhook.daemon)
        ome_webhook_resume(&ome->webhook);
    if (ome->second.is_dead)
        ome->gateway.is_done = true;
}

/* The listeners' own sink, where the gateway's is that of a folder. */
static bool open_net(struct ome *ome)
{
    struct gateway *gateway = &ome->gateway;
    if (!ome->has_dir) {
        ome->net = &gateway->sink;
        return true;
    }
    size_t len = strlen(gateway->producer);
    snprintf(ome->net_producer, sizeof ome->net_producer, "%.*s-net", TOCSIN_PRODUCER_MAX - 4, gateway->producer);
    if (len > TOCSIN_PRODUCER_MAX - 4)
        complain("--producer: the listeners' events are sent as %s", ome->net_producer);
    struct sink_settings settings = gateway->sink.settings;
    settings.producer = ome->net_producer;
    settings.first_n = 0;
    settings.spool_dir = options_get(ome->options, OPTION_SPOOL_OF_GATEWAY);
    ome->net = &ome->second;
    return sink_open(&ome->second, &gateway->loop, &settings, &gateway->redact, &gateway->counts, resume_net, ome);
}

/* What the listeners took is acknowledged too, or the code tells that it is not. */
static int close_net(struct ome *ome, int code)
{
    if (ome->net != &ome->second)
        return code;
    uint64_t unsettled = sink_drain(&ome->second, &ome->gateway.loop);
    if (unsettled > 0)
        complain("%" PRIu64 " events of listeners not acknowledged by %s", unsettled, ome->gateway.where.endpoint);
    bool is_lost = unsettled > 0 || ome->second.is_dead;
    return !code && is_lost ? EXIT_CODE_UNREACHABLE : code;
}

static bool has_net(const struct options *options)
{
    return options_has(options, OPTION_LISTEN) || options_has(options, OPTION_WEBHOOK);
}

static bool listen_all(struct ome *ome)
{
    const char *webhook = options_get(ome->options, OPTION_WEBHOOK);
    size_t count = 0;
    if (!has_net(ome->options))
        return true;
    return open_net(ome) && gateway_listen(&ome->gateway, &protocol, ome, &count) &&
           (!webhook || ome_webhook_open(&ome->webhook, &ome->gateway, ome->net, webhook,
                                         options_get(ome->options, OPTION_SECRET_FILE)));
}

static int run(struct ome *ome)
{
    const struct options *options = ome->options;
    struct gateway *gateway = &ome->gateway;
    const char *name = options_get(options, OPTION_LOG_NAME);
    bool is_once = options_has(options, OPTION_ONCE_OF_OME);
    if (!listen_all(ome))
        return EXIT_CODE_FAILED;
    if (ome->has_dir)
        follow_open(&ome->follow, gateway, &ome->store, options_get(options, OPTION_DIR_OF_OME),
                    name ? name : NAME_DEFAULT, is_once);
    int code = close_net(ome, gateway_run(gateway));
    if (!ome->has_dir)
        return code;
    uint64_t left = follow_left(&ome->follow);
    if (is_once && left > 0)
        complain("%s: %" PRIu64 " bytes are no whole lines yet", ome->follow.scan.dir, left);
    follow_close(&ome->follow);
    return !code && is_once && ome->follow.is_failed ? EXIT_CODE_FAILED : code;
}

/* Complains about options that do not go together. */
static bool are_sound(const struct ome *ome)
{
    const struct options *options = ome->options;
    bool has_state = options_has(options, OPTION_STATE);
    const char *name = options_get(options, OPTION_LOG_NAME);
    if (options->operand_count > 0)
        complain("no file is expected: %s (tocsin help gateway ome)", options->operands[0]);
    else if (ome->has_dir != has_state)
        complain("--dir and --state go together");
    else if (options_has(options, OPTION_WEBHOOK) != options_has(options, OPTION_SECRET_FILE))
        complain("--webhook and --secret-file go together");
    else if (!ome->has_dir && !has_net(options))
        complain("where from? --dir and --state, --listen, or --webhook (tocsin help gateway ome)");
    else if (!ome->has_dir && options_has(options, OPTION_ONCE_OF_OME))
        complain("--once needs --dir");
    else if (name && (!*name || strchr(name, '/')))
        complain("--name: \"%s\" is no name of a file", name);
    else
        return true;
    return false;
}

static int open_gateway(struct ome *ome)
{
    const struct options *options = ome->options;
    if (!ome->has_dir)
        return gateway_open(&ome->gateway, options, NULL, resume, ome);
    struct where where;
    const char *key = "", *producer = options_get(options, OPTION_PRODUCER_OF_GATEWAY);
    if (!where_find(options, ENDPOINT_APPEND, &where))
        return EXIT_CODE_USAGE;
    size_t key_len = where_key_name(&where, &key);
    if (!follow_store_open(&ome->store, options_get(options, OPTION_STATE), producer, span_of(key, key_len)))
        return EXIT_CODE_FAILED;
    return gateway_open_numbered(&ome->gateway, options, NULL, ome->store.state.producer, ome->store.state.n + 1,
                                 resume, ome);
}

int command_gateway_ome(const struct options *options)
{
    struct ome ome = {.options = options, .has_dir = options_has(options, OPTION_DIR_OF_OME)};
    if (!are_sound(&ome))
        return EXIT_CODE_USAGE;
    int code = open_gateway(&ome);
    if (!code)
        code = run(&ome);
    ome_webhook_close(&ome.webhook);
    if (ome.net == &ome.second)
        sink_close(&ome.second, &ome.gateway.loop);
    if (ome.gateway.options)
        gateway_close(&ome.gateway);
    if (ome.has_dir)
        follow_store_close(&ome.store);
    return code;
}
