/* Whatever events hold: what status and log tell of them is JSON where it shall be, and never drives a terminal. The
 * judge of JSON is jansson. SEED in the environment begins elsewhere. */
#include "tests/test_support.h"

#include <jansson.h>
#include <stdio.h>

#include "client/logger/syslog_message.h"
#include "client/message.h"
#include "client/tracker/check.h"
#include "client/tracker/sr.h"
#include "client/tracker/state_table.h"
#include "proto/json.h"
#include "proto/utf8.h"
#include "tests/generate.h"

#define EVENTS 3000

static uint64_t first_seed(void)
{
    const char *text = getenv("SEED");
    uint64_t value = text ? strtoull(text, NULL, 10) : 20261121;
    printf("SEED=%llu\n", (unsigned long long)value);
    return value;
}

static json_t *parsed(const struct text *text)
{
    json_error_t fault;
    assert_false(text->failed);
    json_t *json = json_loadb(text->data, text->len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &fault);
    if (!json)
        fail_msg("%s at %d of %.*s", fault.text, fault.position, (int)text->len, text->data);
    return json;
}

static void assert_json(struct text *text)
{
    json_decref(parsed(text));
    text_clear(text);
}

/* One or more lines of which none could drive a terminal. */
static void assert_harmless(const struct text *text, bool is_line)
{
    const uint8_t *at = (const uint8_t *)text->data, *end = at + text->len;
    assert_false(text->failed);
    while (at < end) {
        uint32_t character;
        unsigned len = utf8_decode(at, end, &character);
        assert_true(len > 0);
        assert_true((character == '\n' && !is_line) || !utf8_must_escape(character));
        at += len;
    }
}

/* --- the tracker --- */

/* A snapshot with the members that rules look at, most of them as they should be. */
static void put_snapshot(struct generator *generator, struct text *out)
{
    static const char *const strings[] = {"group", "identifier", "details", "group_type", "group_filter",
                                          "scale", "id",         "subject", "source",     "name"};
    static const char *const words[] = {"core",   "main",    "up",    "down",     "status",
                                        "memory", "\x1b[2J", "a\nb|", "\xc2\x9b", ""};
    static const char *const numbers[] = {"status", "old_status", "usage", "threshold",
                                          "pid",    "used",       "size",  "group_load"};
    if (generate_below(generator, 8) == 0) {
        generate_value(generator, out, 5, 200);
        return;
    }
    wire_write_map(out, 19);
    for (size_t i = 0; i < 10; i++) {
        wire_write_str(out, span_of_str(strings[i]));
        if (generate_below(generator, 20) == 0)
            generate_value(generator, out, 2, 50);
        else
            wire_write_str(out, span_of_str(words[generate_below(generator, 10)]));
    }
    for (size_t i = 0; i < 8; i++) {
        wire_write_str(out, span_of_str(numbers[i]));
        if (generate_below(generator, 20) == 0)
            generate_value(generator, out, 2, 50);
        else
            wire_write_int(out, (int64_t)generate_below(generator, 7) - 3);
    }
    wire_write_str(out, span_of_str("ok"));
    wire_write_bool(out, generate_below(generator, 2) == 1);
}

static void happen(struct generator *generator, struct tracker *tracker, uint64_t seq, struct text *snapshot)
{
    static const char *const sources[] = {"sip-1", "sip-1/core/main", "#v#a", "#v#a/s", "v", "#v#a/\xe2\x80\xae", "id"};
    static const char *const kinds[][2] = {
#define RULE(category, type, effect, kind, state) {#category, #type},
#include "client/tracker/rule.def"
#undef RULE
        {"CoreEvent", "Other"},
    };
    const char *const *kind = kinds[generate_below(generator, sizeof kinds / sizeof *kinds)];
    const char *source = sources[generate_below(generator, 7)];
    text_clear(snapshot);
    put_snapshot(generator, snapshot);
    struct tocsin_message message = {
        .kind = TOCSIN_MESSAGE_EVENT,
        .seq = seq,
        .received_us = UINT64_C(1800000000000000) + seq,
        .category = {kind[0], strlen(kind[0])},
        .type = {kind[1], strlen(kind[1])},
        .source_id = {source, strlen(source)},
        .summary = {"caf\xc3\xa9 \xe2\x80\xa8", 9},
    };
    if (generate_below(generator, 10) > 0)
        message.snapshot = (struct tocsin_text){snapshot->data, snapshot->len};
    tracker_apply(tracker, &message);
}

static void assert_told_well(const struct tracker *tracker, struct text *out)
{
    struct state_view view = {tracker, "", tracker->received_us + 1, 1, true};
    struct sr_view sr;
    assert_true(state_json_write(out, &view));
    assert_json(out);
    assert_true(sr_view_init(&sr, tracker));
    for (int what = SR_STATUS; what <= SR_IDENTIFIERS; what++) {
        assert_null(sr_write(out, &sr, (enum sr_what)what, NULL, NULL, true));
        assert_json(out);
        if (!sr_write(out, &sr, (enum sr_what)what, "core", NULL, true))
            assert_json(out);
        if (!sr_write(out, &sr, (enum sr_what)what, "core", "main", true) && what != SR_IDENTIFIERS)
            assert_json(out);
        text_clear(out);
    }
    sr_view_fini(&sr);
    assert_true(state_table_write(out, &view, false));
    assert_harmless(out, false);
    text_clear(out);
    check_write(out, &view);
    out->len--; /* its newline */
    assert_harmless(out, true);
    assert_ptr_equal(memchr(out->data, '|', out->len), memrchr(out->data, '|', out->len));
    text_clear(out);
}

static void whatever_comes_the_state_is_told_well(void **state)
{
    (void)state;
    struct generator generator;
    struct tracker tracker;
    struct text snapshot = {0}, out = {0};
    generator_init(&generator, first_seed());
    assert_true(tracker_init(&tracker, 1));
    for (uint64_t seq = 1; seq <= EVENTS; seq++) {
        happen(&generator, &tracker, seq, &snapshot);
        if (seq % 50 == 0)
            assert_told_well(&tracker, &out);
    }
    assert_true(tracker.malformed > 0 && items_count(tracker.items, ITEM_STATUS, false) > 5);
    text_fini(&snapshot);
    text_fini(&out);
    tracker_fini(&tracker);
    generator_fini(&generator);
}

/* --- the forms of log --- */

static void assert_same_event(const struct text *ome, const struct text *plain)
{
    json_t *left = parsed(ome), *right = parsed(plain);
    json_object_del(left, "time");
    json_object_del(right, "time");
    assert_true(json_equal(left, right));
    json_decref(left);
    json_decref(right);
}

static void assert_written_well(const struct log_event *event, struct text *out, struct text *plain)
{
    text_clear(out);
    text_clear(plain);
    log_form_write(out, LOG_FORM_OME, event);
    json_write_event(plain, &event->record.event);
    for (size_t i = 0; i < out->len; i++)
        assert_true(out->data[i] >= 0x20); /* ASCII alone, and of that no C0 */
    assert_same_event(out, plain);
    text_clear(out);
    form_otlp_write(out, event);
    assert_json(out);
    log_form_write(out, LOG_FORM_CLOUDEVENTS, event);
    assert_json(out);
    static const enum log_form lines[] = {LOG_FORM_LOGFMT, LOG_FORM_TEXT, LOG_FORM_JSON, LOG_FORM_CLOUDEVENTS};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        log_form_write(out, lines[i], event);
        assert_harmless(out, true);
        text_clear(out);
    }
    syslog_message_write(out, event, LOG_FORM_TEXT, 3, "host");
    assert_null(memchr(out->data, '\n', out->len));
}

static void whatever_comes_each_form_holds_it(void **state)
{
    (void)state;
    struct generator generator;
    struct text bytes = {0}, out = {0}, plain = {0};
    struct event_judge *judge = event_judge_new(1 << 20, 1);
    struct refusal refusal;
    generator_init(&generator, first_seed());
    generator.uint_max = INT64_MAX; /* jansson's */
    for (uint64_t seq = 1; seq <= EVENTS; seq++) {
        struct log_event event = {.log_id = "0123456789abcdef0123456789abcdef",
                                  .record = {.seq = seq, .received_us = seq}};
        text_clear(&bytes);
        generate_event(&generator, &bytes, 400);
        assert_true(event_judge(judge, text_span(&bytes), &event.record.event, &refusal) > 0);
        assert_int_equal(refusal.code, TOCSIN_ACCEPTED);
        assert_written_well(&event, &out, &plain);
    }
    event_judge_free(&judge);
    generator_fini(&generator);
    text_fini(&bytes);
    text_fini(&out);
    text_fini(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_comes_the_state_is_told_well),
        cmocka_unit_test(whatever_comes_each_form_holds_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
