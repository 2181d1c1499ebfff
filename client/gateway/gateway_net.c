#include "client/gateway/gateway_net.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/complain.h"

#define TAIL "-net"

static void on_settled(void *context)
{
    struct gateway_net *net = context;
    listen_resume(&net->gateway->listen);
    if (net->resume)
        net->resume(net->context);
    if (net->own.is_dead)
        net->gateway->is_done = true;
}

bool gateway_net_open(struct gateway_net *net, struct gateway *gateway, bool is_apart, void (*resume)(void *context),
                      void *context)
{
    enum { ROOM = TOCSIN_PRODUCER_MAX - (sizeof TAIL - 1) };
    *net = (struct gateway_net){.gateway = gateway, .sink = &gateway->sink, .resume = resume, .context = context};
    if (!is_apart)
        return true;
    net->sink = &net->own;
    snprintf(net->producer, sizeof net->producer, "%.*s" TAIL, ROOM, gateway->producer);
    if (strlen(gateway->producer) > ROOM)
        complain("--producer: the listeners' events are sent as %s", net->producer);
    struct sink_settings settings = gateway->sink.settings;
    settings.producer = net->producer;
    settings.first_n = 0;
    settings.spool_dir = options_get(gateway->options, OPTION_SPOOL_OF_GATEWAY);
    return sink_open(&net->own, &gateway->loop, &settings, &gateway->redact, &gateway->counts, on_settled, net);
}

int gateway_net_drain(struct gateway_net *net, int code)
{
    if (net->sink != &net->own)
        return code;
    uint64_t unsettled = sink_drain(&net->own, &net->gateway->loop);
    if (unsettled > 0)
        complain("%" PRIu64 " events of listeners not acknowledged by %s", unsettled, net->gateway->where.endpoint);
    bool is_lost = unsettled > 0 || net->own.is_dead;
    return !code && is_lost ? EXIT_CODE_UNREACHABLE : code;
}

void gateway_net_close(struct gateway_net *net)
{
    if (net->sink == &net->own)
        sink_close(&net->own, &net->gateway->loop);
    net->sink = NULL;
}
