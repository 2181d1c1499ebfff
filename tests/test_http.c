/* The HTTP door, over real sockets: pages, refusals, malformed requests, limits, ports. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/clock.h"
#include "broker/http.h"
#include "tests/prometheus.h"

#define ANSWER_MAX 65536

static struct stats stats;
static struct health health;
static struct http *http;
static char answer[ANSWER_MAX];
static size_t answer_len;

static int start(void **state)
{
    (void)state;
    char error[256];
    memset(&stats, 0, sizeof stats);
    memset(&health, 0, sizeof health);
    http = http_start("127.0.0.1", 0, &stats, &health, error, sizeof error);
    return http ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    http_stop(&http);
    return http ? -1 : 0;
}

/* A connection from `source` (NULL: the usual address) that gives up after ten seconds of silence. */
static int dial(const char *source)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(http_port(http))};
    const struct timeval limit = {.tv_sec = 10};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (source) {
        struct sockaddr_in from = {.sin_family = AF_INET};
        assert_int_equal(inet_pton(AF_INET, source, &from.sin_addr), 1);
        assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof from), 0);
    }
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* What the other end does not take because it has closed is nothing to us. */
static void tell(int fd, const void *bytes, size_t len)
{
    for (size_t sent = 0; sent < len;) {
        const ssize_t n = send(fd, (const char *)bytes + sent, len - sent, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        sent += (size_t)n;
    }
}

/* Reads until the other end closes; false when it is silent for too long. */
static bool hear(int fd)
{
    answer_len = 0;
    for (;;) {
        const ssize_t n = recv(fd, answer + answer_len, ANSWER_MAX - 1 - answer_len, 0);
        if (n < 0 && errno != ECONNRESET)
            return false;
        if (n <= 0)
            break;
        answer_len += (size_t)n;
    }
    answer[answer_len] = '\0';
    return true;
}

/* Sends all, ends its own half, and hears the whole answer. */
static void exchange(const void *bytes, size_t len)
{
    const int fd = dial(NULL);
    tell(fd, bytes, len);
    shutdown(fd, SHUT_WR);
    if (!hear(fd))
        fail_msg("no end of the answer to %.60s", (const char *)bytes);
    close(fd);
}

static void request(const char *method, const char *path)
{
    char bytes[512];
    exchange(bytes, (size_t)snprintf(bytes, sizeof bytes, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                                     method, path));
}

static int status(void)
{
    return answer_len > 12 && strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

static const char *body(void)
{
    const char *const end = strstr(answer, "\r\n\r\n");
    return end ? end + 4 : "";
}

static void assert_header(const char *line)
{
    char needle[256];
    snprintf(needle, sizeof needle, "\r\n%s\r\n", line);
    const char *const found = strstr(answer, needle);
    if (!found || found > body())
        fail_msg("no header %s in %s", line, answer);
}

static void assert_safe_headers(void)
{
    assert_header("Cache-Control: no-store");
    assert_header("X-Content-Type-Options: nosniff");
    assert_header("Content-Security-Policy: default-src 'none'; frame-ancestors 'none'");
    assert_header("Referrer-Policy: no-referrer");
}

static void assert_answer(int expected_status, const char *expected_body)
{
    if (status() != expected_status)
        fail_msg("%d expected: %s", expected_status, answer);
    assert_string_equal(body(), expected_body);
    assert_safe_headers();
    assert_header("Content-Type: text/plain; charset=utf-8");
}

static void assert_alive(void)
{
    request("GET", "/healthz");
    assert_answer(200, "ok\n");
}

/* --- pages --- */

static void the_broker_is_healthy_while_its_loop_goes_round(void **state)
{
    (void)state;
    assert_alive(); /* no loop yet */
    health_beat(&health, clock_monotonic_us());
    assert_alive();
    health_set(&health, HEALTH_DISK_FULL); /* trouble is no reason to be killed */
    assert_alive();
    health_beat(&health, 1);
    request("GET", "/healthz");
    assert_answer(503, "stalled\n");
}

static void it_is_ready_or_says_why_it_is_not(void **state)
{
    (void)state;
    static const struct {
        enum health_state state;
        int status;
        const char *body;
    } cases[] = {
        {HEALTH_STARTING, 503, "starting\n"},       {HEALTH_READY, 200, "ready\n"},
        {HEALTH_DISK_FULL, 503, "disk full\n"},     {HEALTH_STOPPING, 503, "stopping\n"},
        {HEALTH_DISK_FAILED, 503, "disk failed\n"},
    };
    assert_int_equal(sizeof cases / sizeof *cases, HEALTH_STATE_COUNT);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        health_set(&health, cases[i].state);
        request("GET", "/readyz");
        assert_answer(cases[i].status, cases[i].body);
    }
}

static void metrics_are_what_prometheus_reads(void **state)
{
    (void)state;
    static struct prometheus exposition;
    stats_add(&stats.events_accepted, 17);
    health_set(&health, HEALTH_READY);
    request("GET", "/metrics");
    assert_int_equal(status(), 200);
    assert_header("Content-Type: text/plain; version=0.0.4; charset=utf-8");
    assert_safe_headers();
    prometheus_read(&exposition, body(), strlen(body()));
    assert_null(exposition.fault);
    assert_string_equal(prometheus_find(&exposition, "tocsin_events_accepted_total", "")->text, "17");
    assert_string_equal(prometheus_find(&exposition, "tocsin_build_info", TOCSIN_VERSION)->text, "1");
    assert_string_equal(prometheus_find(&exposition, "tocsin_state", "ready")->text, "1");
    assert_true(prometheus_find(&exposition, "process_resident_memory_bytes", "")->value > 0);
}

static void the_root_lists_the_pages(void **state)
{
    (void)state;
    request("GET", "/");
    assert_int_equal(status(), 200);
    assert_non_null(strstr(body(), "/healthz"));
    assert_non_null(strstr(body(), "/readyz"));
    assert_non_null(strstr(body(), "/metrics"));
    assert_non_null(strstr(body(), TOCSIN_VERSION));
}

static void head_gets_the_headers_of_get_and_no_body(void **state)
{
    (void)state;
    static const char *const paths[] = {"/", "/healthz", "/readyz", "/none"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char length[64];
        request("GET", paths[i]);
        const int status_of_get = status();
        snprintf(length, sizeof length, "Content-Length: %zu", strlen(body()));
        request("HEAD", paths[i]);
        assert_int_equal(status(), status_of_get);
        assert_header(length);
        assert_string_equal(body(), "");
        assert_safe_headers();
    }
}

static void a_query_is_no_part_of_the_path(void **state)
{
    (void)state;
    request("GET", "/healthz?verbose=1&x=%00");
    assert_answer(200, "ok\n");
}

/* --- refusals --- */

static void unknown_paths_are_not_found(void **state)
{
    (void)state;
    static const char *const paths[] = {"/x",         "/healthz/",   "//healthz",        "/Healthz",      "/healthz%00",
                                        "/%68ealthz", "/../healthz", "/./healthz",       "/healthz%2f..", "/metricsx",
                                        "*",          "x",           "http://x/healthz", "/\xc3\xa4",     "/<script>",
                                        "/healthz;x"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        request("GET", paths[i]);
        assert_answer(404, "no such page; / lists them\n"); /* and nothing of what was asked for */
    }
}

static void other_methods_are_not_allowed(void **state)
{
    (void)state;
    static const char *const methods[] = {"POST",  "PUT",     "DELETE", "PATCH", "OPTIONS",
                                          "TRACE", "CONNECT", "get",    "BREW"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        request(methods[i], "/metrics");
        assert_answer(405, "only GET and HEAD\n");
        assert_header("Allow: GET, HEAD");
    }
}

static void a_request_with_a_body_is_refused_before_the_body_comes(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551615\r\nExpect: 100-continue\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        const int fd = dial(NULL); /* open on our side: the answer must not wait for more */
        tell(fd, requests[i], strlen(requests[i]));
        assert_true(hear(fd));
        assert_int_equal(status(), 413);
        close(fd);
    }
}

static void what_is_no_http_is_refused_or_cut_and_the_next_is_served(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } requests[] = {
#define RAW(bytes) {bytes, sizeof(bytes) - 1}
        RAW(""),
        RAW("\r\n"),
        RAW("\r\n\r\n"),
        RAW("\0\1\2\r\n\r\n"),
        RAW("GET"),
        RAW("GET\r\n\r\n"),
        RAW("GET \r\n\r\n"),
        RAW("GET /\r\n\r\n"),
        RAW("GET /healthz HTTP\r\n\r\n"),
        RAW("GET /healthz HTTP/\r\n\r\n"),
        RAW("GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n"),
        RAW("GET /healthz HTTP/1.1"),
        RAW("GET /healthz HTTP/1.1\r\nHost"),
        RAW("GET /healthz HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n"),
        RAW("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
        RAW("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n"),
        RAW("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
        RAW("GET /healthz HTTP/1.1\r\nHost: \0x\r\n\r"),
        RAW("GET /healthz\0 HTTP/1.1\r\nHost: x\r"),
        RAW("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        RAW("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a hello of TLS"),
        RAW("\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL\0\0\0\0 a greeting of ZMTP"),
        RAW("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n"),
        RAW("GET / HTTP/1.1\r\nHost: x\r\n folded: x\r\n\r"),
#undef RAW
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        exchange(requests[i].bytes, requests[i].len);
        if (answer_len > 0 && (status() < 400 || status() > 599))
            fail_msg("%zu: %s", i, answer);
        assert_alive();
    }
}

static void what_is_too_long_is_refused(void **state)
{
    (void)state;
    static char bytes[300000];
    memset(bytes, 'a', sizeof bytes);
    memcpy(bytes, "GET /", 5);
    exchange(bytes, sizeof bytes); /* a path without end */
    assert_true(answer_len == 0 || status() == 414);
    memcpy(bytes, "GET /healthz HTTP/1.1\r\nX: ", 26);
    exchange(bytes, sizeof bytes); /* a header without end */
    assert_true(answer_len == 0 || status() == 431);
    for (size_t at = 23; at + 6 < sizeof bytes; at += 6)
        memcpy(bytes + at, "X: y\r\n", 6);
    exchange(bytes, sizeof bytes); /* headers without end */
    assert_true(answer_len == 0 || status() == 431);
    assert_alive();
}

/* A good request with a few of its bytes changed. */
static void mutated_requests_do_no_harm(void **state)
{
    (void)state;
    static const char good[] = "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    uint64_t seed = UINT64_C(0x2545f4914f6cdd1d);
    print_message("seed %#llx\n", (unsigned long long)seed);
    for (int round = 0; round < 500; round++) {
        char bytes[sizeof good];
        memcpy(bytes, good, sizeof good);
        for (int change = 0; change <= round % 4; change++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            bytes[seed % (sizeof good - 1)] = (char)(seed >> 32);
        }
        exchange(bytes, sizeof good - 1);
        assert_true(answer_len == 0 || strncmp(answer, "HTTP/1.1 ", 9) == 0);
    }
    assert_alive();
}

/* --- connections --- */

static void a_connection_serves_one_request_after_another(void **state)
{
    (void)state;
    static const char requests[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                                   "GET /none HTTP/1.1\r\nHost: x\r\n\r\n"
                                   "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    exchange(requests, strlen(requests));
    const char *const ok = strstr(answer, "\r\n\r\nok\nHTTP/1.1 404 Not Found\r\n");
    assert_non_null(ok);
    assert_non_null(strstr(ok, "\r\n\r\nno such page; / lists them\nHTTP/1.1 503 Service Unavailable\r\n"));
    assert_string_equal(answer + answer_len - strlen("\r\n\r\nstarting\n"), "\r\n\r\nstarting\n");
}

static void a_request_may_come_byte_by_byte(void **state)
{
    (void)state;
    static const char bytes[] = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const int fd = dial(NULL);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (size_t i = 0; i < sizeof bytes - 1; i++)
        tell(fd, bytes + i, 1);
    assert_true(hear(fd));
    close(fd);
    assert_answer(200, "ok\n");
}

/* Whether a new connection from `source` is served: a request is answered. */
static bool is_served(const char *source)
{
    static const char bytes[] = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const int fd = dial(source);
    tell(fd, bytes, sizeof bytes - 1);
    assert_true(hear(fd));
    close(fd);
    return status() == 200;
}

/* Fills the door from one address; returns how many were kept. Each is one that was seen: it has sent half a request.
 */
static size_t fill(int *fds, size_t count, const char *source)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        fds[i] = dial(source);
        tell(fds[i], "GET", 3);
    }
    is_served("127.0.0.9"); /* the library has been round since */
    for (size_t i = 0; i < count; i++) {
        char byte;
        kept += recv(fds[i], &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
    }
    return kept;
}

static void close_all(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

static void one_host_cannot_shut_the_others_out(void **state)
{
    (void)state;
    int fds[80];
    assert_int_equal(fill(fds, 80, "127.0.0.2"), 48);
    assert_false(is_served("127.0.0.2"));
    assert_true(is_served("127.0.0.3"));
    close_all(fds, 80);
    for (int i = 0; i < 1000 && !is_served("127.0.0.2"); i++) /* once the closing was noticed */
        poll(NULL, 0, 5);
    assert_true(is_served("127.0.0.2"));
}

static void all_hosts_together_hold_64_connections(void **state)
{
    (void)state;
    int fds[4][30];
    for (int host = 0; host < 4; host++) {
        char source[32];
        snprintf(source, sizeof source, "127.0.1.%d", host + 1);
        for (int i = 0; i < 30; i++) {
            fds[host][i] = dial(source);
            tell(fds[host][i], "GET", 3);
        }
    }
    /* those beyond wait in the queue of the system, unanswered, until one of the 64 ends */
    const int fd = dial(NULL);
    tell(fd, "GET /healthz HTTP/1.0\r\n\r\n", 25);
    struct pollfd late = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&late, 1, 200), 0);
    for (int host = 0; host < 4; host++)
        close_all(fds[host], 30);
    assert_true(hear(fd));
    assert_int_equal(status(), 200);
    close(fd);
}

/* --- ports --- */

static void a_port_in_use_is_a_clear_error(void **state)
{
    (void)state;
    char error[256], expected[256];
    struct http *const second = http_start("127.0.0.1", http_port(http), &stats, &health, error, sizeof error);
    assert_null(second);
    snprintf(expected, sizeof expected,
             "http cannot listen at 127.0.0.1:%u: another program has it; choose another with --http, or none",
             (unsigned)http_port(http));
    assert_string_equal(error, expected);
    assert_alive(); /* the first is not disturbed */
}

static void an_address_of_another_machine_is_a_clear_error(void **state)
{
    (void)state;
    char error[256];
    assert_null(http_start("192.0.2.1", 0, &stats, &health, error, sizeof error));
    assert_string_equal(error,
                        "http cannot listen at 192.0.2.1:0: this machine does not have that address; give another with "
                        "--http, or none");
    assert_null(http_start("localhost", 0, &stats, &health, error, sizeof error));
    assert_string_equal(error, "http: the host is no address in figures");
}

static void a_port_is_free_again_after_the_stop(void **state)
{
    (void)state;
    char error[256];
    const uint16_t port = http_port(http);
    const int fd = dial(NULL); /* left open, with half a request */
    tell(fd, "GET /", 5);
    http_stop(&http);
    assert_null(http);
    http_stop(&http); /* nothing to stop */
    assert_true(hear(fd));
    close(fd);
    http = http_start("127.0.0.1", port, &stats, &health, error, sizeof error);
    assert_non_null(http);
    assert_int_equal(http_port(http), port);
    assert_alive();
}

static void ipv6_is_served_too(void **state)
{
    (void)state;
    char error[256];
    struct http *v6 = http_start("::1", 0, &stats, &health, error, sizeof error);
    if (!v6 && strstr(error, "this machine does not have that address"))
        skip();
    assert_non_null(v6);
    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_port = htons(http_port(v6)), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    const int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    tell(fd, "GET /healthz HTTP/1.0\r\n\r\n", 25);
    assert_true(hear(fd));
    close(fd);
    assert_answer(200, "ok\n");
    http_stop(&v6);
}

#define WITH_HTTP(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HTTP(the_broker_is_healthy_while_its_loop_goes_round),
        WITH_HTTP(it_is_ready_or_says_why_it_is_not),
        WITH_HTTP(metrics_are_what_prometheus_reads),
        WITH_HTTP(the_root_lists_the_pages),
        WITH_HTTP(head_gets_the_headers_of_get_and_no_body),
        WITH_HTTP(a_query_is_no_part_of_the_path),
        WITH_HTTP(unknown_paths_are_not_found),
        WITH_HTTP(other_methods_are_not_allowed),
        WITH_HTTP(a_request_with_a_body_is_refused_before_the_body_comes),
        WITH_HTTP(what_is_no_http_is_refused_or_cut_and_the_next_is_served),
        WITH_HTTP(what_is_too_long_is_refused),
        WITH_HTTP(mutated_requests_do_no_harm),
        WITH_HTTP(a_connection_serves_one_request_after_another),
        WITH_HTTP(a_request_may_come_byte_by_byte),
        WITH_HTTP(one_host_cannot_shut_the_others_out),
        WITH_HTTP(all_hosts_together_hold_64_connections),
        WITH_HTTP(a_port_in_use_is_a_clear_error),
        WITH_HTTP(an_address_of_another_machine_is_a_clear_error),
        WITH_HTTP(a_port_is_free_again_after_the_stop),
        WITH_HTTP(ipv6_is_served_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
