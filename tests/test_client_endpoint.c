#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/endpoint.h"
#include "proto/tocsin_base.h"

static void assert_endpoint(const char *server, enum endpoint_kind kind, const char *expected)
{
    char out[ENDPOINT_MAX];
    assert_int_equal(endpoint_of_server(server, kind, out), TOCSIN_OK);
    assert_string_equal(out, expected);
}

static void a_server_gives_four_consecutive_ports(void **state)
{
    (void)state;
    assert_endpoint(NULL, ENDPOINT_INGEST, "tcp://127.0.0.1:5560");
    assert_endpoint("media-1", ENDPOINT_APPEND, "tcp://media-1:5561");
    assert_endpoint("media-1.example.org:7000", ENDPOINT_LIVE, "tcp://media-1.example.org:7002");
    assert_endpoint("tcp://10.0.0.7:65532", ENDPOINT_STREAM, "tcp://10.0.0.7:65535");
    assert_endpoint("[::1]", ENDPOINT_INGEST, "tcp://[::1]:5560");
    assert_endpoint("[fe80::1%eth0]:6000", ENDPOINT_LIVE, "tcp://[fe80::1%eth0]:6002");
}

static void a_server_that_is_none_is_invalid(void **state)
{
    (void)state;
    char out[ENDPOINT_MAX], long_host[300];
    memset(long_host, 'a', sizeof long_host - 1);
    long_host[sizeof long_host - 1] = '\0';
    const char *const servers[] = {"",        ":5560",      "host:",     "host:0", "host:65533", "host:99999999999999",
                                   "host:-1", "host:5560x", "ho st",     "::1",    "[::1",       "[]:5560",
                                   "[::1]x",  "udp://host", "host/path", "host\n", "*",          long_host};
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        if (endpoint_of_server(servers[i], ENDPOINT_INGEST, out) != TOCSIN_E_INVALID)
            fail_msg("\"%s\" was accepted as %s", servers[i], out);
    }
}

static void an_endpoint_of_its_own_goes_before_the_server(void **state)
{
    (void)state;
    char out[ENDPOINT_MAX], long_path[ENDPOINT_MAX + 1] = "ipc://";
    assert_int_equal(endpoint_choose("ipc:///run/tocsin/live", "media-1", ENDPOINT_LIVE, out), TOCSIN_OK);
    assert_string_equal(out, "ipc:///run/tocsin/live");
    assert_int_equal(endpoint_choose(NULL, "media-1", ENDPOINT_LIVE, out), TOCSIN_OK);
    assert_string_equal(out, "tcp://media-1:5562");
    assert_int_equal(endpoint_choose("media-1:5560", NULL, ENDPOINT_LIVE, out), TOCSIN_E_INVALID);
    assert_int_equal(endpoint_choose("ipc://", NULL, ENDPOINT_LIVE, out), TOCSIN_E_INVALID);
    memset(long_path + 6, 'x', sizeof long_path - 7);
    assert_int_equal(endpoint_choose(long_path, NULL, ENDPOINT_LIVE, out), TOCSIN_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_gives_four_consecutive_ports),
        cmocka_unit_test(a_server_that_is_none_is_invalid),
        cmocka_unit_test(an_endpoint_of_its_own_goes_before_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
