/* A request: libmicrohttpd reads its head within limits of time and memory, calls `answer` twice (once the head is
 * there, and once the body is), and `answer` finds the page by the path as it was sent. What is no GET or HEAD, or has
 * a body, is refused at the first call, and libmicrohttpd then closes the connection without reading on. */
#include "broker/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/clock.h"

#define CONNECTIONS_MAX        64
#define CONNECTIONS_MAX_PER_IP 48 /* one host that hangs must not shut the others out */
#define TIMEOUT_S              10
#define CONNECTION_BYTES_MAX   16384
#define BACKLOG                64
#define TEXT_TYPE              "text/plain; charset=utf-8"

struct http {
    struct MHD_Daemon *daemon;
    const struct stats *stats;
    const struct health *health;
    uint16_t port;
};

/* --- pages: each appends its body and returns the status --- */

static unsigned list_page(const struct http *http, struct text *body);

static unsigned healthz_page(const struct http *http, struct text *body)
{
    const bool is_stalled = health_is_stalled(http->health, clock_monotonic_us());
    text_put_str(body, is_stalled ? "stalled\n" : "ok\n");
    return is_stalled ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK;
}

static unsigned readyz_page(const struct http *http, struct text *body)
{
    const enum health_state state = health_get(http->health);
    text_printf(body, "%s\n", health_words(state));
    return state == HEALTH_READY ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static unsigned metrics_page(const struct http *http, struct text *body)
{
    const struct stats_process process = stats_process_read(http->stats, clock_monotonic_us());
    stats_write(body, http->stats, http->health, &process, TOCSIN_VERSION);
    return MHD_HTTP_OK;
}

struct page {
    const char *path;
    const char *type;
    const char *help;
    unsigned (*write)(const struct http *http, struct text *body);
};

static const struct page pages[] = {
    {"/", TEXT_TYPE, "this list", list_page},
    {"/healthz", TEXT_TYPE, "200 while the broker runs", healthz_page},
    {"/readyz", TEXT_TYPE, "200 while it takes events; 503 and the reason while it does not", readyz_page},
    {"/metrics", STATS_CONTENT_TYPE, "counters for Prometheus", metrics_page},
};
#define PAGE_COUNT (sizeof pages / sizeof *pages)

static unsigned list_page(const struct http *http, struct text *body)
{
    (void)http;
    text_put_str(body, "tocsind " TOCSIN_VERSION "\n\n");
    for (size_t i = 0; i < PAGE_COUNT; i++)
        text_printf(body, "%-10s %s\n", pages[i].path, pages[i].help);
    return MHD_HTTP_OK;
}

static const struct page *find_page(const char *path)
{
    for (size_t i = 0; i < PAGE_COUNT; i++)
        if (strcmp(path, pages[i].path) == 0)
            return &pages[i];
    return NULL;
}

/* --- answers --- */

static enum MHD_Result send_text(struct MHD_Connection *connection, unsigned status, const char *type,
                                 const struct text *body)
{
    static const struct {
        const char *name;
        const char *value;
    } headers[] = {
        {MHD_HTTP_HEADER_CACHE_CONTROL, "no-store"},
        {"X-Content-Type-Options", "nosniff"},
        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
        {"Referrer-Policy", "no-referrer"},
    };
    if (body->failed) /* out of memory: this connection ends, the next may fare better */
        return MHD_NO;
    struct MHD_Response *const response = MHD_create_response_from_buffer(body->len, body->data, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    enum MHD_Result result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    for (size_t i = 0; result == MHD_YES && i < sizeof headers / sizeof *headers; i++)
        result = MHD_add_response_header(response, headers[i].name, headers[i].value);
    if (result == MHD_YES && status == MHD_HTTP_METHOD_NOT_ALLOWED)
        result = MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    if (result == MHD_YES)
        result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result send_words(struct MHD_Connection *connection, unsigned status, const char *words)
{
    struct text body;
    text_init(&body);
    text_put_str(&body, words);
    const enum MHD_Result result = send_text(connection, status, TEXT_TYPE, &body);
    text_fini(&body);
    return result;
}

static bool has_body(struct MHD_Connection *connection)
{
    const char *const length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return (length && strcmp(length, "0") != 0) ||
           MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_len, void **request)
{
    static char seen; /* its address marks a request whose head was seen */
    const struct http *const http = context;
    (void)version;
    (void)upload;
    (void)upload_len;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return send_words(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    if (has_body(connection))
        return send_words(connection, MHD_HTTP_CONTENT_TOO_LARGE, "no body is wanted\n");
    if (!*request) {
        *request = &seen;
        return MHD_YES;
    }
    const struct page *const page = find_page(url);
    if (!page)
        return send_words(connection, MHD_HTTP_NOT_FOUND, "no such page; / lists them\n");
    struct text body;
    text_init(&body);
    const unsigned status = page->write(http, &body);
    const enum MHD_Result result = send_text(connection, status, page->type, &body);
    text_fini(&body);
    return result;
}

/* Leaves the path as it was sent: no page has a name that needs escapes, and %00 would cut it short. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

/* --- start and stop --- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* The address as the socket's functions want it, and its length; 0 when it is none. */
static socklen_t make_address(const char *host, uint16_t port, union address *address)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        return sizeof address->v4;
    }
    if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons(port);
        return sizeof address->v6;
    }
    return 0;
}

static void explain_bind(int cause, const char *host, uint16_t port, char *error, size_t error_size)
{
    const char *what = strerror(cause);
    if (cause == EADDRINUSE)
        what = "another program has it; choose another with --http, or none";
    else if (cause == EADDRNOTAVAIL)
        what = "this machine does not have that address; give another with --http, or none";
    else if (cause == EACCES)
        what = "ports below 1024 need a privilege; choose another with --http";
    snprintf(error, error_size,
             strchr(host, ':') ? "http cannot listen at [%s]:%u: %s" : "http cannot listen at %s:%u: %s", host,
             (unsigned)port, what);
}

/* A socket of our own making, so that a failure has a reason and the port can be asked for. -1: see `error`. */
static int open_socket(const char *host, uint16_t port, char *error, size_t error_size)
{
    union address address;
    const int on = 1;
    const socklen_t len = make_address(host, port, &address);
    if (len == 0) {
        snprintf(error, error_size, "http: the host is no address in figures");
        return -1;
    }
    const int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        explain_bind(errno, host, port, error, error_size);
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &address.any, len) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    explain_bind(errno, host, port, error, error_size);
    close(fd);
    return -1;
}

static uint16_t port_of(int fd)
{
    union address address = {.any = {0}};
    socklen_t len = sizeof address;
    if (getsockname(fd, &address.any, &len) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

static struct MHD_Daemon *start_daemon(struct http *http, int fd, bool is_v6)
{
    /* poll, for its epoll misses the end of a request's stream now and then, and waits for the timeout */
    const unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC | (is_v6 ? MHD_USE_IPv6 : 0u);
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, CONNECTIONS_MAX_PER_IP, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES_MAX, NULL},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)keep_escapes, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    return MHD_start_daemon(flags, 0, NULL, NULL, answer, http, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

struct http *http_start(const char *host, uint16_t port, const struct stats *stats, const struct health *health,
                        char *error, size_t error_size)
{
    struct http *const http = calloc(1, sizeof *http);
    const int fd = http ? open_socket(host, port, error, error_size) : -1;
    if (!http)
        snprintf(error, error_size, "http: out of memory");
    if (fd < 0) {
        free(http);
        return NULL;
    }
    http->stats = stats;
    http->health = health;
    http->port = port_of(fd);
    http->daemon = start_daemon(http, fd, strchr(host, ':') != NULL);
    if (http->daemon)
        return http;
    snprintf(error, error_size, "http cannot be served at %s:%u: the HTTP library does not start", host,
             (unsigned)http->port);
    free(http);
    return NULL; /* fd: libmicrohttpd may or may not have closed it, and closing twice is worse than a leak */
}

uint16_t http_port(const struct http *http)
{
    return http->port;
}

void http_stop(struct http **http)
{
    if (!*http)
        return;
    MHD_stop_daemon((*http)->daemon);
    free(*http);
    *http = NULL;
}
