/* HTTP by libmicrohttpd, which reads heads and bodies within limits of time and memory and tells by its epoll when there
 * is something to do. A request that waits for the broker is suspended: it costs its memory and nothing else. */
#include "client/gateway/ome_webhook.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/clock.h"
#include "client/complain.h"
#include "client/gateway/address.h"

#define TICK_US                100000
#define CONNECTIONS_MAX        64
#define CONNECTIONS_MAX_PER_IP 48
#define TIMEOUT_S              10
#define REQUEST_US             INT64_C(30000000) /* for a body, from the first byte to the last */
#define CONNECTION_BYTES_MAX   16384
#define SECRET_MAX             4096
#define BACKLOG                64

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status)
{
    const char *text = status == MHD_HTTP_OK         ? "in the log\n"
                       : status == MHD_HTTP_ACCEPTED ? "in the queue\n"
                                                     : "refused\n";
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    enum MHD_Result result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain");
    if (result == MHD_YES && status == MHD_HTTP_METHOD_NOT_ALLOWED)
        result = MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_POST);
    if (result == MHD_YES)
        result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static void list(struct ome_request *request)
{
    request->next = request->webhook->pending;
    request->webhook->pending = request;
    request->is_listed = true;
}

static void unlist(struct ome_request *request)
{
    struct ome_request **at = &request->webhook->pending;
    while (*at && *at != request)
        at = &(*at)->next;
    if (*at)
        *at = request->next;
    request->is_listed = false;
}

static enum MHD_Result refuse_long(struct ome_webhook *webhook)
{
    counts_complain(&webhook->gateway->counts, COUNT_REFUSED_LENGTH, 1, "webhook: a body of more than %zu bytes",
                    webhook->gateway->max_message_bytes);
    return MHD_NO;
}

/* The head is there. */
static enum MHD_Result begin(struct ome_webhook *webhook, struct MHD_Connection *connection, const char *method,
                             void **state)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
        return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED);
    if (length && strtoull(length, NULL, 10) > webhook->gateway->max_message_bytes) {
        refuse_long(webhook);
        return answer(connection, MHD_HTTP_CONTENT_TOO_LARGE);
    }
    struct ome_request *request = calloc(1, sizeof *request);
    if (!request)
        return MHD_NO;
    request->webhook = webhook;
    request->connection = connection;
    request->begun_us = clock_now_us();
    text_init(&request->body);
    *state = request;
    return MHD_YES;
}

static enum MHD_Result add(struct ome_request *request, const char *bytes, size_t *len)
{
    const struct gateway *gateway = request->webhook->gateway;
    if (request->body.len + *len > gateway->max_message_bytes)
        return refuse_long(request->webhook);
    if (clock_now_us() - request->begun_us > REQUEST_US)
        return MHD_NO;
    counts_add(&request->webhook->gateway->counts, COUNT_BYTES, *len);
    text_put(&request->body, bytes, *len);
    *len = 0;
    return request->body.failed ? MHD_NO : MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *bytes, size_t *len, void **state)
{
    struct ome_request *request = *state;
    (void)url; /* as configured there */
    (void)version;
    if (!request)
        return begin(context, connection, method, state);
    if (*len > 0)
        return add(request, bytes, len);
    if (request->status == 0)
        ome_request_take(request, MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "X-OME-Signature"));
    if (request->status > 0)
        return answer(connection, request->status);
    list(request);
    MHD_suspend_connection(connection);
    return MHD_YES;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct ome_request *request = *state;
    (void)context;
    (void)connection;
    (void)code;
    if (!request)
        return;
    if (request->is_listed)
        unlist(request);
    text_fini(&request->body);
    free(request);
    *state = NULL;
}

void ome_webhook_resume(struct ome_webhook *webhook)
{
    struct ome_request *next;
    for (struct ome_request *request = webhook->pending; request; request = next) {
        next = request->next;
        if (!ome_request_go_on(request))
            continue;
        unlist(request);
        MHD_resume_connection(request->connection);
    }
}

static void run(struct ome_webhook *webhook)
{
    MHD_run(webhook->daemon);
}

static void on_ready(struct loop_watch *watch, uint32_t events)
{
    (void)events;
    run((struct ome_webhook *)((char *)watch - offsetof(struct ome_webhook, watch)));
}

static void on_timer(struct loop_timer *timer, int64_t now_us)
{
    (void)now_us;
    struct ome_webhook *webhook = (struct ome_webhook *)((char *)timer - offsetof(struct ome_webhook, timer));
    if (!webhook->daemon)
        return;
    ome_webhook_resume(webhook);
    run(webhook);
}

/* The first line of the file. */
static bool read_secret(struct ome_webhook *webhook, const char *path)
{
    char room[SECRET_MAX + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, room, sizeof room) : -1;
    if (len < 0)
        complain("--secret-file: %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    if (len < 0)
        return false;
    size_t line_len = 0;
    while (line_len < (size_t)len && room[line_len] != '\n' && room[line_len] != '\r')
        line_len++;
    bool is_good = line_len > 0 && line_len <= SECRET_MAX;
    if (is_good)
        text_put(&webhook->key, room, line_len);
    else
        complain("--secret-file: %s: no key of 1 to %d bytes in its first line", path, SECRET_MAX);
    explicit_bzero(room, sizeof room);
    return is_good && !webhook->key.failed;
}

/* A bound socket, of our own making so that a failure has a reason. -1: complained about. */
static int open_socket(const char *where, bool is_quiet)
{
    struct address address;
    char text[ADDRESS_TEXT_MAX];
    const int on = 1;
    snprintf(text, sizeof text, "tcp:%s", where);
    struct addrinfo *found = address_read(text, &address) ? address_resolve(&address) : NULL;
    if (!found)
        return -1;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_storage bound = {0};
    socklen_t len = sizeof bound;
    bool is_bound = fd >= 0 && bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0 &&
                    getsockname(fd, (struct sockaddr *)&bound, &len) == 0;
    freeaddrinfo(found);
    if (!is_bound) {
        complain("--webhook: %s: %s", where, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    address_write(ADDRESS_TCP, &bound, text);
    if (!is_quiet)
        complain("listening at http:%s", text + strlen("tcp:"));
    return fd;
}

static bool start(struct ome_webhook *webhook, int fd)
{
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, CONNECTIONS_MAX_PER_IP, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES_MAX, NULL},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, webhook},
        {MHD_OPTION_END, 0, NULL},
    };
    webhook->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, webhook,
                                       MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        webhook->daemon ? MHD_get_daemon_info(webhook->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (!info) {
        complain("--webhook: the HTTP library does not start");
        return false;
    }
    webhook->watch = (struct loop_watch){info->epoll_fd, on_ready};
    webhook->timer = (struct loop_timer){.every_us = TICK_US, .ring = on_timer};
    loop_every(&webhook->gateway->loop, &webhook->timer);
    return loop_add(&webhook->gateway->loop, &webhook->watch, EPOLLIN);
}

bool ome_webhook_open(struct ome_webhook *webhook, struct gateway *gateway, struct sink *sink, const char *where,
                      const char *secret_file)
{
    *webhook = (struct ome_webhook){.gateway = gateway, .sink = sink};
    ome_alert_init(&webhook->alert);
    text_init(&webhook->key);
    text_init(&webhook->bytes);
    if (!read_secret(webhook, secret_file))
        return false;
    int fd = open_socket(where, gateway->is_quiet);
    return fd >= 0 && start(webhook, fd);
}

void ome_webhook_close(struct ome_webhook *webhook)
{
    struct MHD_Daemon *daemon = webhook->daemon;
    if (daemon) {
        while (webhook->pending) { /* what is in the queue was waited for; it is not sure */
            struct ome_request *request = webhook->pending;
            unlist(request);
            request->status = MHD_HTTP_ACCEPTED;
            MHD_resume_connection(request->connection);
        }
        run(webhook); /* they answer */
        run(webhook);
        loop_remove(&webhook->gateway->loop, &webhook->watch);
        webhook->daemon = NULL;
        MHD_stop_daemon(daemon);
    }
    if (webhook->key.data)
        explicit_bzero(webhook->key.data, webhook->key.len);
    text_fini(&webhook->key);
    text_fini(&webhook->bytes);
    ome_alert_fini(&webhook->alert);
}
