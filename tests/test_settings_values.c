/* What the values of settings may be, and what is said of those that may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/settings_support.h"

static void wrong_values_are_refused_with_what_is_allowed(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *value;
        const char *reason;
    } cases[] = {
        {"name", "a b", "\"a b\" is no name: allowed are 1 to 64 of A-Z a-z 0-9 _ . -"},
        {"name", "", "\"\" is no name: allowed are 1 to 64 of A-Z a-z 0-9 _ . -"},
        {"log-dir", "", "the path is empty"},
        {"log-dir", "~/log", "\"~/log\" begins with ~, which only a shell expands: write the whole path"},
        {"log-dir", "~", "\"~\" begins with ~, which only a shell expands: write the whole path"},
        {"log-dir", "a\nb",
         "\"a\\x0ab\" is not allowed: a value is UTF-8 text on one line, without control characters"},
        {"log-dir", "\xff", "\"\\xff\" is not allowed: a value is UTF-8 text on one line, without control characters"},
        {"log-zone", "uct", "\"uct\" is not allowed: allowed are utc, local (did you mean utc?)"},
        {"log-zone", "Europe/Berlin", "\"Europe/Berlin\" is not allowed: allowed are utc, local"},
        {"sync", "", "\"\" is not allowed: allowed are batch, interval=MS, none"},
        {"sync", "Batch", "\"Batch\" is not allowed: allowed are batch, interval=MS, none (did you mean batch?)"},
        {"sync", "interval", "\"interval\" is not allowed: allowed are batch, interval=MS, none"},
        {"sync", "interval=",
         "\"interval=\" has no good interval: allowed are interval=MS with MS from 1 to 3600000 (milliseconds, or with "
         "ms or s)"},
        {"sync", "interval=0",
         "\"interval=0\" has no good interval: allowed are interval=MS with MS from 1 to 3600000 (milliseconds, or "
         "with ms or s)"},
        {"sync", "interval=3601s",
         "\"interval=3601s\" has no good interval: allowed are interval=MS with MS from 1 to 3600000 (milliseconds, or "
         "with ms or "
         "s)"},
        {"sync", "interval=99999999999999999999999",
         "\"interval=99999999999999999999999\" has no good interval: allowed are interval=MS with MS from 1 to 3600000 "
         "(milliseconds, or with ms or s)"},
        {"compress-after", "1",
         "\"1\" is no age: write a number with s, m, h, d, w or y behind it, or never; allowed are 0s to 36525d"},
        {"compress-after", "none",
         "\"none\" is no age: write a number with s, m, h, d, w or y behind it, or never; allowed are 0s to 36525d"},
        {"retain-age", "59m", "\"59m\" is out of range: allowed are 1h to 36525d"},
        {"retain-age", "999999999999999999999y",
         "\"999999999999999999999y\" is out of range: allowed are 1h to 36525d"},
        {"retain-bytes", "never",
         "\"never\" is no size: write bytes, or use k, M, G (thousands) or KiB, MiB, GiB (1024s); allowed are 1MiB to "
         "1073741824GiB"},
        {"retain-bytes", "1000", "\"1000\" is out of range: allowed are 1MiB to 1073741824GiB"},
        {"retain-free", "0%", "\"0%\" is out of range: allowed are 1% to 90%"},
        {"retain-free", "91%", "\"91%\" is out of range: allowed are 1% to 90%"},
        {"retain-free", "5 %",
         "\"5 %\" is no size: write bytes, or use k, M, G (thousands) or KiB, MiB, GiB (1024s); allowed are 1MiB to "
         "1073741824GiB"},
        {"compress-level", "0", "\"0\" is out of range: allowed are 1 to 19"},
        {"max-event-bytes", "many",
         "\"many\" is no size: write bytes, or use k, M, G (thousands) or KiB, MiB, GiB (1024s); allowed are 1KiB to "
         "64MiB"},
        {"max-event-bytes", "1 MiB",
         "\"1 MiB\" is no size: write bytes, or use k, M, G (thousands) or KiB, MiB, GiB (1024s); allowed are 1KiB to "
         "64MiB"},
        {"max-event-bytes", "-1",
         "\"-1\" is no size: write bytes, or use k, M, G (thousands) or KiB, MiB, GiB (1024s); allowed are 1KiB to "
         "64MiB"},
        {"max-event-bytes", "MiB",
         "\"MiB\" is no size: write bytes, or use k, M, G (thousands) or KiB, MiB, GiB (1024s); allowed are 1KiB to "
         "64MiB"},
        {"max-event-bytes", "1023", "\"1023\" is out of range: allowed are 1KiB to 64MiB"},
        {"max-event-bytes", "67108865", "\"67108865\" is out of range: allowed are 1KiB to 64MiB"},
        {"max-event-bytes", "17179869184GiB", "\"17179869184GiB\" is out of range: allowed are 1KiB to 64MiB"},
        {"ring-bytes", "65535", "\"65535\" is out of range: allowed are 64KiB to 64GiB"},
        {"max-topics", "0", "\"0\" is out of range: allowed are 1 to 16000000"},
        {"max-topics", "1k", "\"1k\" is no whole number: allowed are 1 to 16000000"},
        {"max-topics", "1.5", "\"1.5\" is no whole number: allowed are 1 to 16000000"},
        {"live-hwm", "18446744073709551616", "\"18446744073709551616\" is out of range: allowed are 1 to 10000000"},
        {"live-hwm", "18446744073709551617", "\"18446744073709551617\" is out of range: allowed are 1 to 10000000"},
        {"log-level", "warn", "\"warn\" is not allowed: allowed are error, warning, info, debug"},
        {"log-level", "infos",
         "\"infos\" is not allowed: allowed are error, warning, info, debug (did you mean info?)"},
        {"salvage", "1", "\"1\" is not allowed: allowed are false, true"},
        {"ports-file", "~/p", "\"~/p\" begins with ~, which only a shell expands: write the whole path"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char flag[256], expected[512];
        snprintf(flag, sizeof flag, "--%s=%s", cases[i].name, cases[i].value);
        snprintf(expected, sizeof expected, "--%s: %s", cases[i].name, cases[i].reason);
        assert_refused(ARGS(flag), NULL, expected);
    }
}

static void wrong_endpoints_are_refused_with_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *reason;
    } cases[] = {
        {"", "is no endpoint"},
        {"5560", "is no endpoint"},
        {"127.0.0.1:5560", "is no endpoint"},
        {"udp://127.0.0.1:5560", "is no endpoint"},
        {"ws://127.0.0.1:5560", "is no endpoint"},
        {"TCP://127.0.0.1:5560", "is no endpoint"},
        {"tcp://", "names no port"},
        {"tcp://127.0.0.1", "names no port"},
        {"tcp://127.0.0.1:", "has no good port (1 to 65535; 0 or * for any free one)"},
        {"tcp://127.0.0.1:65536", "has no good port (1 to 65535; 0 or * for any free one)"},
        {"tcp://127.0.0.1:655360", "has no good port (1 to 65535; 0 or * for any free one)"},
        {"tcp://127.0.0.1:+1", "has no good port (1 to 65535; 0 or * for any free one)"},
        {"tcp://127.0.0.1:5560/", "has no good port (1 to 65535; 0 or * for any free one)"},
        {"tcp://127.0.0.1:55;60", "has no good port (1 to 65535; 0 or * for any free one)"},
        {"tcp://localhost:5560", "names a host, but a door is bound to an address: write 127.0.0.1 or [::1]"},
        {"tcp://::1:5560", "has an IPv6 address without brackets"},
        {"tcp://[::1:5560", "names no port, or lacks a bracket"},
        {"tcp://[::1]", "names no port, or lacks a bracket"},
        {"tcp://[127.0.0.1]:5560", "has no IPv6 address in its brackets"},
        {"tcp://[]:5560", "has no IPv6 address in its brackets"},
        {"tcp://:5560", "has no address: write * (all), one in figures such as 127.0.0.1 or [::1], or an interface"},
        {"tcp://256.0.0.1:5560",
         "has no address: write * (all), one in figures such as 127.0.0.1 or [::1], or an interface"},
        {"tcp://a.very.long.host.name:5560",
         "has no address: write * (all), one in figures such as 127.0.0.1 or [::1], or an interface"},
        {"tcp://eth0;10.0.0.1:5560",
         "has no address: write * (all), one in figures such as 127.0.0.1 or [::1], or an interface"},
        {"ipc://", "has no path"},
        {"inproc://", "has no name"},
        {"ipc:///"
         "123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345"
         "67",
         "has a path longer than a socket's may be (107 bytes)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char env[256], expected[512];
        snprintf(env, sizeof env, "TOCSIN_STREAM=%s", cases[i].value);
        /* an empty variable is not set, so the first one goes by a flag */
        snprintf(expected, sizeof expected,
                 "%s: \"%s\" %s; allowed are tcp://ADDRESS:PORT, ipc://PATH, inproc://NAME and none",
                 i == 0 ? "--stream" : "TOCSIN_STREAM in the environment", cases[i].value, cases[i].reason);
        assert_refused(ARGS(i == 0 ? "--stream=" : "--check-config"), ARGS(env), expected);
    }
}

static void wrong_addresses_are_refused_with_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *reason;
    } cases[] = {
        {"", "names no port"},
        {"8560", "names no port"},
        {":8560", "has no address in figures"},
        {"localhost:8560", "has no address in figures"},
        {"*:8560", "has no address in figures"},
        {"127.0.0.1:x", "has no good port (1 to 65535; 0 or * for any free one)"},
        {"127.0.0.1:70000", "has no good port (1 to 65535; 0 or * for any free one)"},
        {"::1:8560", "has an IPv6 address without brackets"},
        {"[127.0.0.1]:8560", "has no address in figures"},
        {"[::1]", "names no port, or lacks a bracket"},
        {"[fe80::1%eth0]:8560", "has no address in figures"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char flag[256], expected[512];
        snprintf(flag, sizeof flag, "--http=%s", cases[i].value);
        snprintf(expected, sizeof expected,
                 "--http: \"%s\" %s; allowed are an address and a port, such as 127.0.0.1:8560, 0.0.0.0:8560 (all), "
                 "[::1]:8560, and none",
                 cases[i].value, cases[i].reason);
        assert_refused(ARGS(flag), NULL, expected);
    }
}

static void wrong_realms_are_refused_with_what_is_wrong(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"ops", "\"ops\" is no realm: write NAME=ENDPOINT"},
        {"", "--realms: \"\" is no realm"},
        {"=ipc://a", "has no good name"},
        {"a b=ipc://a", "has no good name"},
        {"a=ipc://a,a=ipc://b", "\"a=ipc://b\" is given twice"},
        {"a=ipc://a,", "\"\" is no realm"},
        {"a=tcp://localhost:1", "names a host"},
        {"a=none", "is no endpoint"},
        {"a=ipc://1,b=ipc://2,c=ipc://3,d=ipc://4,e=ipc://5,f=ipc://6,g=ipc://7,h=ipc://8,i=ipc://9",
         "\"i=ipc://9\" is one more than 8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char flag[256];
        struct loaded loaded;
        snprintf(flag, sizeof flag, "--realms=%s", cases[i][0]);
        load(&loaded, ARGS(flag), NULL);
        assert_int_equal(loaded.error, TOCSIN_E_SYNTAX);
        assert_non_null(strstr(loaded.message, cases[i][1]));
        loaded_fini(&loaded);
    }
}

static void a_realm_needs_an_access_file_and_a_place_of_its_own(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, ARGS("--realms=a=ipc://a"), NULL);
    assert_non_null(strstr(loaded.message, "goes with access, which is not given"));
    loaded_fini(&loaded);
    load(&loaded, ARGS("--realms=a=ipc://a,b=ipc://a", "--curve-key=/k", "--access=/a"), NULL);
    assert_non_null(strstr(loaded.message, "is the same place as"));
    loaded_fini(&loaded);
    load(&loaded, ARGS("--realms=a=ipc://a,b=ipc://b", "--curve-key=/k", "--access=/a"), NULL);
    assert_int_equal(loaded.error, TOCSIN_OK);
    loaded_fini(&loaded);
}

static void a_value_too_long_is_shown_in_part(void **state)
{
    (void)state;
    static char flag[10000];
    snprintf(flag, sizeof flag, "--name=%09000d", 7);
    struct loaded loaded;
    load(&loaded, ARGS(flag), NULL);
    assert_int_equal(loaded.error, TOCSIN_E_SYNTAX);
    assert_true(strlen(loaded.message) < 300);
    assert_non_null(strstr(loaded.message, "0…\" is no name"));
    loaded_fini(&loaded);
    snprintf(flag, sizeof flag, "--log-dir=/%09000d", 7);
    assert_refused(ARGS(flag), NULL, "--log-dir: the path is longer than 4000 bytes");
}

static void an_overruled_value_must_be_right_all_the_same(void **state)
{
    (void)state;
    assert_refused(
        ARGS("--log-zone=utc"), ARGS("TOCSIN_LOG_ZONE=UTZ"),
        "TOCSIN_LOG_ZONE in the environment: \"UTZ\" is not allowed: allowed are utc, local (did you mean utc?)");
}

static void an_empty_variable_counts_as_unset_and_foreign_ones_are_left_alone(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, ARGS("--check-config"),
         ARGS("TOCSIN_NAME=", "TOCSIN_SERVER=x", "TOCSIN_LOG=\xff", "TOCSIN_LIVEX=y", "NO_EQUALS_SIGN", "=", ""));
    assert_int_equal(loaded.error, TOCSIN_OK);
    assert_int_equal(loaded.settings.origins[SETTINGS_ID_name].source, SETTINGS_BY_DEFAULT);
    loaded_fini(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_values_are_refused_with_what_is_allowed),
        cmocka_unit_test(wrong_endpoints_are_refused_with_what_is_wrong),
        cmocka_unit_test(wrong_addresses_are_refused_with_what_is_wrong),
        cmocka_unit_test(wrong_realms_are_refused_with_what_is_wrong),
        cmocka_unit_test(a_realm_needs_an_access_file_and_a_place_of_its_own),
        cmocka_unit_test(a_value_too_long_is_shown_in_part),
        cmocka_unit_test(an_overruled_value_must_be_right_all_the_same),
        cmocka_unit_test(an_empty_variable_counts_as_unset_and_foreign_ones_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
