/* systemd-journald, in its native protocol: a datagram of fields, KEY=value and a newline, or, where the value holds a
 * newline, KEY, newline, its length in eight bytes, little end first, the value, a newline. What is too long for a
 * datagram goes in a sealed file in memory, whose descriptor is the message. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/complain.h"
#include "client/escape.h"
#include "client/logger/peer.h"
#include "client/logger/syslog_message.h"
#include "client/logger/target.h"
#include "client/write_all.h"
#include "proto/json.h"

#define SOCKET_PATH "/run/systemd/journal/socket"
#define WAIT_MS     5000

struct journald_target {
    struct target target;
    struct peer peer;
};

static void put_field(struct text *out, const char *key, struct span value)
{
    text_put_str(out, key);
    if (value.len > 0 && memchr(value.data, '\n', value.len)) {
        uint64_t len = htole64(value.len);
        text_put_char(out, '\n');
        text_put(out, &len, sizeof len);
    } else {
        text_put_char(out, '=');
    }
    text_put(out, value.data, value.len);
    text_put_char(out, '\n');
}

/* What journalctl and others show to people. */
static void put_shown(struct text *out, const char *key, struct span value)
{
    struct text shown;
    text_init(&shown);
    escape_text(&shown, value);
    put_field(out, key, text_span(&shown));
    out->failed |= shown.failed;
    text_fini(&shown);
}

static void encode(struct target *target, struct text *out, const struct log_event *log_event)
{
    const struct record *record = &log_event->record;
    const struct event *event = &record->event;
    struct text json;
    text_init(&json);
    if (target->form == LOG_FORM_COUNT)
        put_shown(out, "MESSAGE", event->summary);
    else
        log_form_write(&json, target->form, log_event);
    if (target->form != LOG_FORM_COUNT)
        put_field(out, "MESSAGE", text_span(&json));
    text_printf(out, "PRIORITY=%u\nSYSLOG_IDENTIFIER=tocsin\nTOCSIN_SEQ=%llu\nTOCSIN_LOG_ID=%s\n",
                syslog_severity(event->level), (unsigned long long)record->seq, log_event->log_id);
    put_field(out, "TOCSIN_LEVEL", span_of_str(tocsin_level_word(event->level)));
    put_field(out, "TOCSIN_CATEGORY", event->category);
    put_field(out, "TOCSIN_TYPE", event->type);
    put_shown(out, "TOCSIN_SOURCE", event->source_id);
    if (event->time.data)
        put_field(out, "TOCSIN_TIME", event->time);
    if (event->cause.data)
        put_field(out, "TOCSIN_CAUSE", event->cause);
    if (event->snapshot.data) {
        text_clear(&json);
        json_write_value(&json, event->snapshot);
        put_field(out, "TOCSIN_SNAPSHOT", text_span(&json));
    }
    out->failed |= json.failed;
    text_fini(&json);
}

/* Sends a descriptor of a sealed file that holds the message. 0 or an errno. */
static int send_file(int socket, int file)
{
    char control[CMSG_SPACE(sizeof file)] = {0};
    struct msghdr header = {.msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *item = CMSG_FIRSTHDR(&header);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(sizeof file);
    memcpy(CMSG_DATA(item), &file, sizeof file);
    struct pollfd room = {.fd = socket, .events = POLLOUT};
    while (sendmsg(socket, &header, MSG_NOSIGNAL) < 0) {
        if (errno != EAGAIN || poll(&room, 1, WAIT_MS) <= 0)
            return errno;
    }
    return 0;
}

static int send_large(struct journald_target *journald, struct span message)
{
    int file = memfd_create("tocsin", MFD_ALLOW_SEALING | MFD_CLOEXEC);
    if (file < 0)
        return errno;
    int error = write_all(file, message) ? 0 : errno;
    if (!error && fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
        error = errno;
    if (!error)
        error = send_file(journald->peer.fd, file);
    close(file);
    return error;
}

static enum target_answer deliver(struct target *target, struct batch *batch)
{
    struct journald_target *journald = (struct journald_target *)target;
    int error = peer_connect(&journald->peer);
    while (!error && batch->done < batch->count) {
        struct span message = batch_span(batch, batch->done);
        error = peer_send(&journald->peer, message);
        if (error == EMSGSIZE)
            error = send_large(journald, message);
        batch->done += !error;
    }
    if (!error)
        return TARGET_TAKEN;
    peer_disconnect(&journald->peer);
    return target_away(target, "journald: %s: %s", journald->peer.host, strerror(error));
}

static void free_target(struct target *target)
{
    struct journald_target *journald = (struct journald_target *)target;
    peer_fini(&journald->peer);
    free(journald);
}

static const struct target_kind kind = {encode, deliver, free_target};

struct target *target_journald_new(const struct target_options *options, const char *rest)
{
    char endpoint[256] = "unix:";
    struct journald_target *journald = calloc(1, sizeof *journald);
    if (!journald)
        return NULL;
    const char *path = *rest ? rest : SOCKET_PATH;
    journald->target = (struct target){.kind = &kind, .form = options->has_form ? options->form : LOG_FORM_COUNT};
    journald->peer.fd = -1;
    bool is_peer = strlen(path) < sizeof endpoint - 5;
    if (is_peer) {
        memcpy(endpoint + 5, path, strlen(path) + 1);
        is_peer = peer_init(&journald->peer, endpoint, "");
    }
    if (is_peer)
        return &journald->target;
    complain("--to: \"%s\" is none: journald, or journald:PATH of its socket", options->to);
    free_target(&journald->target);
    return NULL;
}
