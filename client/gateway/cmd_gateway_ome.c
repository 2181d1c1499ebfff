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
#include "client/gateway/follow_gateway.h"
#include "client/gateway/gateway_net.h"
#include "client/gateway/json_lines.h"
#include "client/gateway/ome_events.h"
#include "client/gateway/ome_webhook.h"

#define NAME_DEFAULT "events.log"

struct ome {
    const struct options *options;
    struct gateway gateway;
    struct follow_store store;
    struct follow follow;
    struct ome_webhook webhook;
    bool has_dir;
    struct ome_events events; /* of the folder */
    struct gateway_net net;
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
    struct refusal_origin origin = {peer->connection->where, "line", peer->lines.line, line.len, where};
    return ome_events_put(&peer->events, line, &origin);
}

static struct peer *make_peer(struct ome *ome, const struct listen_connection *connection)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        return NULL;
    peer->connection = connection;
    peer->lines = (struct json_lines){.gateway = &ome->gateway, .put = put_line, .context = peer};
    ome_events_init(&peer->events, &ome->gateway, ome->net.sink, ome->net.sink->settings.producer);
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
    if (ome->webhook.daemon)
        ome_webhook_resume(&ome->webhook);
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
    return gateway_net_open(&ome->net, &ome->gateway, ome->has_dir, resume_net, ome) &&
           gateway_listen(&ome->gateway, &protocol, ome, &count) &&
           (!webhook || ome_webhook_open(&ome->webhook, &ome->gateway, ome->net.sink, webhook,
                                         options_get(ome->options, OPTION_SECRET_FILE)));
}

static int put_followed(void *context, const struct follow_reader_line *line, const char *name)
{
    struct ome *ome = context;
    char where[FOLLOW_FILE_NAME_MAX + 32];
    struct refusal_origin origin = {name, "offset", line->offset, line->len, where};
    snprintf(where, sizeof where, "%s:%" PRIu64, name, line->offset);
    return ome_events_put(&ome->events, line->text, &origin);
}

static unsigned under_way(void *context)
{
    struct ome *ome = context;
    return ome->events.put;
}

static void follow(struct ome *ome)
{
    const struct options *options = ome->options;
    const char *name = options_get(options, OPTION_LOG_NAME);
    struct follow_settings settings = {
        .dir = options_get(options, OPTION_DIR_OF_OME),
        .base = name ? name : NAME_DEFAULT,
        .put = put_followed,
        .under_way = under_way,
        .context = ome,
        .is_once = options_has(options, OPTION_ONCE_OF_FILES),
    };
    ome_events_init(&ome->events, &ome->gateway, &ome->gateway.sink, ome->store.state.producer);
    follow_open(&ome->follow, &ome->gateway, &ome->store, &settings);
}

static int run(struct ome *ome)
{
    struct gateway *gateway = &ome->gateway;
    bool is_once = options_has(ome->options, OPTION_ONCE_OF_FILES);
    if (!listen_all(ome))
        return EXIT_CODE_FAILED;
    if (ome->has_dir)
        follow(ome);
    int code = gateway_net_drain(&ome->net, gateway_run(gateway));
    if (!ome->has_dir)
        return code;
    uint64_t left = follow_left(&ome->follow);
    if (is_once && left > 0)
        complain("%s: %" PRIu64 " bytes are no whole lines yet", ome->follow.scan.dir, left);
    follow_close(&ome->follow);
    ome_events_fini(&ome->events);
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
    else if (!ome->has_dir && options_has(options, OPTION_ONCE_OF_FILES))
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
    return follow_gateway_open(&ome->gateway, &ome->store, "ome", options, resume, ome);
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
    gateway_net_close(&ome.net);
    if (ome.gateway.options)
        gateway_close(&ome.gateway);
    if (ome.has_dir)
        follow_store_close(&ome.store);
    return code;
}
