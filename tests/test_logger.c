/* tocsin log: the forms, the names of files, syslog messages, what is said of a target that is away. */
#include "tests/test_support.h"

#include <stdio.h>

#include "client/logger/batch.h"
#include "client/logger/file_names.h"
#include "client/logger/lag.h"
#include "client/logger/peer.h"
#include "client/logger/syslog_message.h"
#include "proto/json_read.h"

#define LOG_ID "0123456789abcdef0123456789abcdef"

/* An event of JSON, judged; the texts live in `bytes`. */
static struct log_event event_of(struct text *bytes, const char *json)
{
    struct log_event log_event = {.log_id = LOG_ID, .record = {.seq = 42, .received_us = UINT64_C(1800000000123456)}};
    struct event_judge *judge = event_judge_new(1 << 20, 1);
    struct refusal refusal;
    assert_non_null(judge);
    text_clear(bytes);
    assert_int_equal(json_read_value(span_of_str(json), 33, bytes, NULL), 0);
    assert_true(event_judge(judge, text_span(bytes), &log_event.record.event, &refusal) > 0);
    assert_int_equal(refusal.code, TOCSIN_ACCEPTED);
    event_judge_free(&judge);
    return log_event;
}

static void assert_form(enum log_form form, const char *json, const char *expected)
{
    struct text bytes = {0}, out = {0};
    struct log_event event = event_of(&bytes, json);
    log_form_write(&out, form, &event);
    assert_text_equal(&out, expected);
    text_fini(&bytes);
    text_fini(&out);
}

#define HEAD                                                                                                           \
    "\"level\":\"Warning\",\"category\":\"StreamEvent\",\"type\":\"T\",\"sourceId\":\"#v#a/caf\xc3\xa9 "               \
    "%\",\"summary\":\"a \\\"b\\\"\""

static void an_event_is_as_ovenmediaengine_writes_it(void **state)
{
    (void)state;
    assert_form(
        LOG_FORM_OME,
        "{\"time\":\"2026-03-26T14:21:46.3159+09:00\"," HEAD
        ",\"cause\":\"C\",\"snapshot\":{\"b\":[1,-2,30.0,0.1,1e100,true,null],\"a\":\"\\u0001\\n\xf0\x9f\x98\x80/"
        "\",\"B\":{}}}",
        "{\"time\":\"2026-03-26T14:21:46.315+09:00\",\"level\":\"Warning\",\"category\":\"StreamEvent\","
        "\"type\":\"T\",\"sourceId\":\"#v#a/caf\\u00e9 %\",\"summary\":\"a \\\"b\\\"\",\"cause\":\"C\",\"snapshot\":"
        "{\"B\":{},\"a\":\"\\u0001\\n\\ud83d\\ude00/\",\"b\":[1,-2,30.0,0.10000000000000001,1e+100,true,null]}}");
    assert_form(LOG_FORM_OME, "{\"time\":\"2026-03-26T00:00:00-09:30\"," HEAD ",\"snapshot\":null}",
                "{\"time\":\"2026-03-26T00:00:00.000-09:30\",\"level\":\"Warning\",\"category\":\"StreamEvent\","
                "\"type\":\"T\",\"sourceId\":\"#v#a/caf\\u00e9 %\",\"summary\":\"a \\\"b\\\"\",\"snapshot\":null}");
}

static void logfmt_quotes_what_could_be_mistaken(void **state)
{
    (void)state;
    assert_form(LOG_FORM_LOGFMT,
                "{\"time\":\"2026-03-26T00:00:00Z\"," HEAD
                ",\"snapshot\":{\"a b=\":\"\",\"n\":1,\"l\":[1,\"x\"],\"t\":\"p=q\"}}",
                "time=2026-03-26T00:00:00Z level=Warning category=StreamEvent type=T source=\"#v#a/caf\xc3\xa9 %\" "
                "summary=\"a \\\"b\\\"\" seq=42 received=2027-01-15T08:00:00.123456Z snapshot.a_b_=\"\" snapshot.n=1 "
                "snapshot.l=\"[1,\\\"x\\\"]\" snapshot.t=\"p=q\"");
}

static void a_cloud_events_source_is_a_uri(void **state)
{
    (void)state;
    assert_form(
        LOG_FORM_CLOUDEVENTS, "{\"time\":\"2026-03-26T00:00:00Z\"," HEAD "}",
        "{\"specversion\":\"1.0\",\"id\":\"" LOG_ID "-42\",\"source\":\"tocsin://" LOG_ID
        "/StreamEvent/%23v%23a/caf%C3%A9%20%25\",\"type\":\"tocsin.StreamEvent.T\",\"subject\":\"#v#a/caf\xc3\xa9 %\","
        "\"time\":\"2026-03-26T00:00:00Z\",\"level\":\"Warning\",\"sequence\":\"00000000000000000042\","
        "\"datacontenttype\":\"application/json\",\"data\":{\"time\":\"2026-03-26T00:00:00Z\"," HEAD "}}");
}

static void an_otlp_record_keeps_numbers_exact(void **state)
{
    (void)state;
    struct text bytes = {0}, out = {0};
    struct log_event event = event_of(
        &bytes, "{\"time\":\"2026-03-26T00:00:00.000000001Z\"," HEAD
                ",\"snapshot\":{\"u\":18446744073709551615,\"i\":-1,\"f\":0.5,\"b\":true,\"n\":null,\"a\":[\"x\"]}}");
    form_otlp_write(&out, &event);
    assert_text_equal(
        &out,
        "{\"timeUnixNano\":\"1774483200000000001\",\"observedTimeUnixNano\":\"1800000000123456000\",\"severityNumber\":"
        "13,"
        "\"severityText\":\"Warning\",\"eventName\":\"T\",\"body\":{\"stringValue\":\"a \\\"b\\\"\"},\"attributes\":["
        "{\"key\":\"tocsin.seq\",\"value\":{\"intValue\":\"42\"}},"
        "{\"key\":\"tocsin.log_id\",\"value\":{\"stringValue\":\"" LOG_ID "\"}},"
        "{\"key\":\"tocsin.category\",\"value\":{\"stringValue\":\"StreamEvent\"}},"
        "{\"key\":\"tocsin.type\",\"value\":{\"stringValue\":\"T\"}},"
        "{\"key\":\"tocsin.source_id\",\"value\":{\"stringValue\":\"#v#a/caf\xc3\xa9 %\"}},"
        "{\"key\":\"tocsin.snapshot\",\"value\":{\"kvlistValue\":{\"values\":["
        "{\"key\":\"u\",\"value\":{\"stringValue\":\"18446744073709551615\"}},{\"key\":\"i\",\"value\":{\"intValue\":"
        "\"-1\"}},"
        "{\"key\":\"f\",\"value\":{\"doubleValue\":0.5}},{\"key\":\"b\",\"value\":{\"boolValue\":true}},"
        "{\"key\":\"n\",\"value\":{}},{\"key\":\"a\",\"value\":{\"arrayValue\":{\"values\":[{\"stringValue\":\"x\"}]}}}"
        "]}}}]}");
    text_fini(&bytes);
    text_fini(&out);
}

static void a_syslog_message_is_one_of_rfc_5424(void **state)
{
    (void)state;
    struct text bytes = {0}, out = {0};
    struct log_event event = event_of(
        &bytes,
        "{\"time\":\"2026-03-26T00:00:00.123456789+01:00\",\"level\":\"Error\",\"category\":\"C\",\"type\":"
        "\"A-type-that-is-longer-than-32-characters\",\"sourceId\":\"a]\\\"\\\\\",\"summary\":\"caf\xc3\xa9\"}");
    syslog_message_write(&out, &event, LOG_FORM_TEXT, 3, "host");
    assert_text_equal(&out, "<27>1 2026-03-26T00:00:00.123456+01:00 host tocsin - A-type-that-is-longer-than-32-ch "
                            "[tocsin@32473 category=\"C\" type=\"A-type-that-is-longer-than-32-characters\" "
                            "sourceId=\"a\\]\\\"\\\\\" level=\"Error\" seq=\"42\" logId=\"" LOG_ID "\"] "
                            "\xef\xbb\xbf"
                            "Error C/a]\"\\ A-type-that-is-longer-than-32-characters: caf\xc3\xa9");
    text_clear(&out);
    event = event_of(&bytes, "{\"time\":\"2026-06-30T23:59:60Z\",\"level\":\"Trace\",\"category\":\"C\",\"type\":\"T\","
                             "\"sourceId\":\"s\",\"summary\":\"x\"}");
    syslog_message_write(&out, &event, LOG_FORM_TEXT, 16, "-");
    assert_non_null(memmem(out.data, out.len, "<135>1 2026-07-01T00:00:00.000000Z -", 36)); /* no second of 60 there */
    assert_null(memmem(out.data, out.len, "\xef\xbb\xbf", 3));
    text_fini(&bytes);
    text_fini(&out);
}

static void files_are_told_from_others_by_their_names(void **state)
{
    (void)state;
    char suffix[FILE_NAMES_SUFFIX_MAX];
    uint64_t number;
    bool is_compressed;
    file_names_day(suffix, UINT64_C(1800000000123456));
    assert_string_equal(suffix, ".20270115");
    file_names_number(suffix, 7);
    assert_string_equal(suffix, ".000007");
    assert_true(file_names_read("a.json.000007", "a.json", &number, &is_compressed));
    assert_true(number == 7 && !is_compressed);
    assert_true(file_names_read("a.json.20270115.zst", "a.json", &number, &is_compressed));
    assert_true(number == 20270115 && is_compressed);
    assert_true(file_names_read("a.json.20270115.2.zst", "a.json", &number, &is_compressed));
    static const char *const others[] = {
        "a.json",   "a.json.",        "a.json.x",    "a.json.7.zst.part",    "a.json.7.1",
        "b.json.7", "a.json.7.zst.1", "a.json.lock", "a.json.12345678901234"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(file_names_read(others[i], "a.json", &number, &is_compressed));
}

static void peers_are_read_from_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum peer_kind kind;
        const char *host;
        const char *port;
    } good[] = {
        {"unix:/dev/log", PEER_UNIX, "/dev/log", NULL},
        {"udp:loghost", PEER_UDP, "loghost", "514"},
        {"tcp:loghost:6514", PEER_TCP, "loghost", "6514"},
        {"tcp:[::1]:99", PEER_TCP, "::1", "99"},
        {"tcp:[::1]", PEER_TCP, "::1", "514"},
        {"udp:fe80::1", PEER_UDP, "fe80::1", "514"},
    };
    static const char *const bad[] = {"",         "unix:",      "loghost", "udp:",  "tcp::99",
                                      "tcp:[::1", "tcp:[::1]x", "tcp:h:",  "sctp:h"};
    struct peer peer;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(peer_init(&peer, good[i].text, "514"));
        assert_int_equal(peer.kind, good[i].kind);
        assert_string_equal(peer.host, good[i].host);
        if (good[i].port)
            assert_string_equal(peer.port, good[i].port);
        peer_fini(&peer);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(peer_init(&peer, bad[i], "514"));
        peer_fini(&peer);
    }
}

static void pauses_grow_and_it_is_told_at_first_and_each_minute(void **state)
{
    (void)state;
    struct lag lag = {0};
    bool is_told;
    int64_t away_us, now_us = 1000;
    int told = 0, last_ms = 0;
    assert_false(lag_on_taken(&lag, now_us, &away_us));
    for (int i = 0; i < 40; i++) {
        int pause_ms = lag_on_away(&lag, now_us, 0, &is_told);
        assert_true(pause_ms >= last_ms && pause_ms >= 100 && pause_ms <= 10000);
        last_ms = pause_ms;
        told += is_told;
        now_us += (int64_t)pause_ms * 1000;
    }
    assert_int_equal(last_ms, 10000);
    assert_int_equal(told, 6); /* at 0, 62.7, 122.7 ... 302.7 of 342.7 s */
    assert_true(lag_on_away(&lag, now_us, UINT64_MAX, &is_told) >= 7500);
    assert_true(lag_on_taken(&lag, now_us, &away_us));
    assert_int_equal(away_us, now_us - 1000);
    assert_int_equal(lag_on_away(&lag, now_us, 0, &is_told), 100);
    assert_true(is_told);
}

static void what_is_far_behind_is_told_each_minute_until_it_is_not(void **state)
{
    (void)state;
    struct lag lag = {0};
    assert_false(lag_is_slow(&lag, 1, 60, 60));
    assert_true(lag_is_slow(&lag, 1, 61, 60));
    assert_false(lag_is_slow(&lag, 60000000, 61, 60));
    assert_true(lag_is_slow(&lag, 60000001, 61, 60));
    assert_false(lag_is_slow(&lag, 60000002, 5, 60));
    assert_true(lag_is_slow(&lag, 60000003, 61, 60));
}

static void a_batch_knows_where_each_entry_begins(void **state)
{
    (void)state;
    struct batch batch = {0};
    for (int i = 0; i < 200; i++) {
        text_printf(&batch.text, "%d\n", i);
        assert_true(batch_add(&batch, (uint64_t)i, 0));
    }
    assert_span_equal(batch_span(&batch, 0), "0\n");
    assert_span_equal(batch_span(&batch, 199), "199\n");
    assert_false(batch_is_full(&batch));
    batch_clear(&batch);
    assert_int_equal(batch.count, 0);
    batch_fini(&batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_as_ovenmediaengine_writes_it),
        cmocka_unit_test(logfmt_quotes_what_could_be_mistaken),
        cmocka_unit_test(a_cloud_events_source_is_a_uri),
        cmocka_unit_test(an_otlp_record_keeps_numbers_exact),
        cmocka_unit_test(a_syslog_message_is_one_of_rfc_5424),
        cmocka_unit_test(files_are_told_from_others_by_their_names),
        cmocka_unit_test(peers_are_read_from_text),
        cmocka_unit_test(pauses_grow_and_it_is_told_at_first_and_each_minute),
        cmocka_unit_test(what_is_far_behind_is_told_each_minute_until_it_is_not),
        cmocka_unit_test(a_batch_knows_where_each_entry_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
