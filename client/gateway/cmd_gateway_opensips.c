/* tocsin gateway opensips: OpenSIPS's event interface, as it is. */
#include <string.h>

#include "client/arg.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/gateway/follow_gateway.h"
#include "client/gateway/opensips_flatstore.h"
#include "proto/utf8.h"

#define SUBSCRIBE_FOR_MS 600000

static void on_datagram(void *context, struct span bytes, const char *where)
{
    struct opensips *opensips = context;
    counts_add(&opensips->gateway.counts, COUNT_RECEIVED, 1);
    if (opensips_take(opensips, opensips->net.sink, bytes, where, NULL, NULL) == TOCSIN_E_FULL)
        counts_complain(&opensips->gateway.counts, COUNT_DROPPED_FULL, 1,
                        "%s: a datagram was dropped: the broker takes nothing, and the queue is full (--queue)", where);
}

static const struct listen_protocol protocol = {SOCK_DGRAM, on_datagram, opensips_stream_take, opensips_stream_settled,
                                                opensips_stream_closed};

static bool read_source(struct opensips *opensips, const struct options *options)
{
    const char *name = options_get(options, OPTION_SOURCE_OF_GATEWAY);
    opensips->source = name;
    if (!name) {
        complain(
            "--source is missing: the name of the server whose events come, as sip-1 (tocsin help gateway opensips)");
        return false;
    }
    struct span text = span_of_str(name);
    if (text.len > 0 && text.len <= TOCSIN_SOURCE_ID_MAX && (utf8_inspect(text) & (UTF8_INVALID | UTF8_CONTROL)) == 0)
        return true;
    complain("--source: \"%s\" is not allowed: 1 to %d bytes of UTF-8 without control characters", name,
             TOCSIN_SOURCE_ID_MAX);
    return false;
}

/* Where OpenSIPS is to send to: the first listener that it can spell (it has no IPv6 here), and that is one address. */
static const char *socket_for_subscription(const struct opensips *opensips)
{
    const char *found = NULL;
    for (const struct listen_socket *one = opensips->gateway.listen.sockets; one; one = one->next) {
        if (!strchr(one->where, '[') && !strstr(one->where, ":0.0.0.0:"))
            found = one->where; /* the newest comes first */
    }
    return found;
}

static bool subscribe(struct opensips *opensips, const struct options *options)
{
    int expire_ms = SUBSCRIBE_FOR_MS;
    struct subscribe_settings settings = {
        .url = options_get(options, OPTION_SUBSCRIBE),
        .socket = options_get(options, OPTION_SUBSCRIBE_AS),
        .is_quiet = opensips->gateway.is_quiet,
    };
    if (!settings.url)
        return true;
    if (!arg_duration_ms(options, OPTION_SUBSCRIBE_FOR, &expire_ms))
        return false;
    settings.expire_s = expire_ms < 1000 ? 1 : expire_ms / 1000;
    if (!settings.socket)
        settings.socket = socket_for_subscription(opensips);
    if (settings.socket)
        return subscribe_begin(&opensips->subscribe, &settings, &opensips->gateway.counts);
    complain("--subscribe: OpenSIPS must be told one IPv4 address to send to: --subscribe-as udp:HOST:PORT");
    return false;
}

struct receiving {
    struct opensips opensips; /* the first */
    struct opensips_flatstore flatstore;
    struct follow_store store;
    const struct options *options;
    const char *path; /* of the flatstore; NULL: none */
};

static void resume(void *context)
{
    struct receiving *receiving = context;
    opensips_flatstore_resume(&receiving->flatstore);
}

static void end(void *context)
{
    struct receiving *receiving = context;
    subscribe_end(&receiving->opensips.subscribe);
}

/* Complains about options that do not go together. */
static bool are_sound(const struct receiving *receiving)
{
    const struct options *options = receiving->options;
    const char *path = receiving->path;
    bool is_once = options_has(options, OPTION_ONCE_OF_FILES);
    if (options->operand_count > 0)
        complain("unexpected: %s (tocsin help gateway opensips)", options->operands[0]);
    else if ((path != NULL) != options_has(options, OPTION_STATE))
        complain("--flatstore and --state go together");
    else if (path && (!*path || path[strlen(path) - 1] == '/'))
        complain("--flatstore: \"%s\" is no name of a file", path);
    else if (!path && (is_once || options_has(options, OPTION_FROM_START)))
        complain("--%s needs --flatstore", is_once ? "once" : "from-start");
    else if (!path && !options_has(options, OPTION_LISTEN))
        complain("--listen is missing: where OpenSIPS sends to, as udp:127.0.0.1:5570 (tocsin help gateway opensips)");
    else
        return true;
    return false;
}

static bool follow(struct receiving *receiving)
{
    const struct options *options = receiving->options;
    return !receiving->path || opensips_flatstore_begin(&receiving->flatstore, &receiving->opensips, &receiving->store,
                                                        receiving->path, options_has(options, OPTION_FROM_START),
                                                        options_has(options, OPTION_ONCE_OF_FILES));
}

static int run(struct receiving *receiving)
{
    struct opensips *opensips = &receiving->opensips;
    size_t count;
    if (!gateway_net_open(&opensips->net, &opensips->gateway, receiving->path != NULL, NULL, NULL) ||
        !gateway_listen(&opensips->gateway, &protocol, opensips, &count))
        return EXIT_CODE_FAILED;
    if (!subscribe(opensips, receiving->options))
        return EXIT_CODE_USAGE;
    if (!follow(receiving))
        return EXIT_CODE_FAILED;
    opensips->gateway.end = end;
    return gateway_net_drain(&opensips->net, gateway_run(&opensips->gateway));
}

static int open_gateway(struct receiving *receiving)
{
    struct gateway *gateway = &receiving->opensips.gateway;
    if (!receiving->path)
        return gateway_open(gateway, receiving->options, receiving->opensips.source, resume, receiving);
    return follow_gateway_open(gateway, &receiving->store, "flatstore", receiving->options, resume, receiving);
}

static void close_gateway(struct receiving *receiving)
{
    struct opensips *opensips = &receiving->opensips;
    gateway_net_close(&opensips->net);
    if (opensips->gateway.options)
        gateway_close(&opensips->gateway);
    if (receiving->path)
        follow_store_close(&receiving->store);
    opensips_room_fini(&opensips->room);
    opensips_texts_fini(&opensips->texts);
    text_fini(&opensips->redacted);
}

int command_gateway_opensips(const struct options *options)
{
    struct receiving receiving = {.options = options, .path = options_get(options, OPTION_FLATSTORE)};
    if (!are_sound(&receiving) || !read_source(&receiving.opensips, options))
        return EXIT_CODE_USAGE;
    int code = open_gateway(&receiving);
    if (!code)
        code = run(&receiving);
    subscribe_end(&receiving.opensips.subscribe);
    if (!opensips_flatstore_close(&receiving.flatstore) && !code && options_has(options, OPTION_ONCE_OF_FILES))
        code = EXIT_CODE_FAILED;
    close_gateway(&receiving);
    return code;
}
