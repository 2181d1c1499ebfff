/* syslog: datagrams over a unix socket or UDP, or a stream with counted octets (RFC 6587). What a stream has taken is
 * known when the peer's system has acknowledged it; of what was sent after the last such moment all is sent again where
 * the connection breaks. Datagrams are taken when they are sent. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/complain.h"
#include "client/logger/peer.h"
#include "client/logger/syslog_message.h"
#include "client/logger/target.h"

#define PORT         "514"
#define HOSTNAME_MAX 255

/* What each datagram can be, over UDP, and over a unix socket where its size is refused. */
#define UDP_MAX 65000

/* How much goes out over UDP before a pause of a millisecond: what does not fit into the receiver's buffer is lost. */
#define UDP_BURST ((size_t)32 << 10)

#define UNIX_MAX 8192

struct syslog_target {
    struct target target;
    struct peer peer;
    char *name;
    unsigned facility;
    char hostname[HOSTNAME_MAX + 1];
    uint64_t cut; /* messages that were too long for a datagram */
    size_t burst; /* bytes sent since the last pause */
};

/* A stream's frame is made when it is sent. */
static void encode(struct target *target, struct text *out, const struct log_event *event)
{
    struct syslog_target *syslog = (struct syslog_target *)target;
    syslog_message_write(out, event, target->form, syslog->facility, syslog->hostname);
}

static size_t cut_len(struct span message, size_t max)
{
    size_t len = message.len < max ? message.len : max;
    while (len < message.len && len > 0 && (message.data[len] & 0xc0) == 0x80)
        len--;
    return len;
}

static int send_datagram(struct syslog_target *syslog, struct span message, uint64_t seq)
{
    size_t len = syslog->peer.kind == PEER_UDP ? cut_len(message, UDP_MAX) : message.len;
    int error = peer_send(&syslog->peer, span_of(message.data, len));
    if (error == EMSGSIZE) {
        len = cut_len(message, UNIX_MAX);
        error = peer_send(&syslog->peer, span_of(message.data, len));
    }
    syslog->burst += len;
    if (syslog->peer.kind == PEER_UDP && syslog->burst >= UDP_BURST) {
        poll(NULL, 0, 1);
        syslog->burst = 0;
    }
    if (!error && len < message.len && syslog->cut++ == 0)
        complain("%s: seq %llu is too long for a datagram and was cut; so are others of that length", syslog->name,
                 (unsigned long long)seq);
    return error;
}

/* Over TCP with its length before it (RFC 6587); a unix socket that is a stream has a line each, for its readers know no
 * other way, and no message holds a newline. */
static int send_framed(struct syslog_target *syslog, struct span message)
{
    char count[32];
    if (syslog->peer.kind == PEER_UNIX) {
        int failed = peer_send(&syslog->peer, message);
        return failed ? failed : peer_send(&syslog->peer, span_of("\n", 1));
    }
    int len = snprintf(count, sizeof count, "%zu ", message.len);
    int error = peer_send(&syslog->peer, span_of(count, (size_t)len));
    return error ? error : peer_send(&syslog->peer, message);
}

static enum target_answer deliver(struct target *target, struct batch *batch)
{
    struct syslog_target *syslog = (struct syslog_target *)target;
    int error = peer_connect(&syslog->peer);
    bool is_stream = syslog->peer.is_stream;
    while (!error && batch->done < batch->count) {
        struct span message = batch_span(batch, batch->done);
        error =
            is_stream ? send_framed(syslog, message) : send_datagram(syslog, message, batch->entries[batch->done].seq);
        batch->done += !error;
    }
    if (!error)
        error = peer_settle(&syslog->peer);
    if (!error)
        return TARGET_TAKEN;
    if (is_stream)
        batch->done = 0;
    peer_disconnect(&syslog->peer);
    return target_away(target, "%s: %s", syslog->name, strerror(error));
}

static void free_target(struct target *target)
{
    struct syslog_target *syslog = (struct syslog_target *)target;
    peer_fini(&syslog->peer);
    free(syslog->name);
    free(syslog);
}

static const struct target_kind kind = {encode, deliver, free_target};

/* What RFC 5424 allows there; "-" where nothing is left. */
static void set_hostname(struct syslog_target *syslog, const char *hostname)
{
    char own[HOSTNAME_MAX + 1] = "";
    size_t len = 0;
    if (!hostname && gethostname(own, sizeof own - 1) == 0)
        hostname = own;
    for (const char *at = hostname ? hostname : ""; *at && len < HOSTNAME_MAX; at++) {
        if (*at > ' ' && *at < 0x7f)
            syslog->hostname[len++] = *at;
    }
    if (len == 0)
        syslog->hostname[0] = '-';
}

struct target *target_syslog_new(const struct target_options *options, const char *rest)
{
    struct syslog_target *syslog = calloc(1, sizeof *syslog);
    if (!syslog)
        return NULL;
    syslog->target = (struct target){.kind = &kind, .form = options->has_form ? options->form : LOG_FORM_TEXT};
    syslog->facility = options->facility;
    set_hostname(syslog, options->hostname);
    bool is_peer = peer_init(&syslog->peer, rest, PORT);
    syslog->name = strdup(options->to);
    if (is_peer && syslog->name)
        return &syslog->target;
    complain("--to: \"%s\" is none: syslog:unix:PATH, syslog:udp:HOST[:PORT] or syslog:tcp:HOST[:PORT]", options->to);
    free_target(&syslog->target);
    return NULL;
}
