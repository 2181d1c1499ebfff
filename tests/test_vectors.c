/* Every case of proto/vectors through the judge, the topic, the text of the log, and back. */
#include "tests/test_support.h"
#include "tests/vector_support.h"

#include "proto/error.h"
#include "proto/event.h"
#include "proto/json.h"
#include "proto/json_read.h"
#include "proto/record.h"
#include "proto/rfc3339.h"

static struct event_judge *judge_of(const json_t *vector)
{
    size_t max_bytes = TOCSIN_EVENT_BYTES_MAX;
    if (json_object_get(vector, "max_event_bytes"))
        max_bytes = (size_t)vector_uint(vector, "max_event_bytes");
    struct event_judge *judge = event_judge_new(max_bytes, 1);
    assert_non_null(judge);
    return judge;
}

static void expect_same(const char *what, struct span found, struct span wanted)
{
    if (!span_equals(found, wanted))
        fail_msg("%s: %s\n  is     %.*s\n  not    %.*s", vector_path, what, (int)found.len, (const char *)found.data,
                 (int)wanted.len, (const char *)wanted.data);
}

static void expect_verdict(const struct refusal *refusal, size_t consumed, const json_t *wanted)
{
    expect_same("code", span_of_str(refusal_word(refusal->code)), vector_span(wanted, "code"));
    expect_same("field", refusal->field, vector_span(wanted, "field"));
    if (consumed != vector_uint(wanted, "consumed"))
        fail_msg("%s: takes %zu bytes, not %llu", vector_path, consumed,
                 (unsigned long long)vector_uint(wanted, "consumed"));
}

static void expect_same_view(const struct event *event, struct span bytes)
{
    struct event view;
    if (!event_view(bytes, &view))
        fail_msg("%s: accepted, but has no view", vector_path);
    expect_same("bytes", view.bytes, event->bytes);
    expect_same("snapshot", view.snapshot, event->snapshot);
    struct text a, b;
    text_init(&a);
    text_init(&b);
    json_write_event(&a, event);
    json_write_event(&b, &view);
    expect_same("text of the view", text_span(&b), text_span(&a));
    text_fini(&a);
    text_fini(&b);
}

/* The text of the log read back is an event with the same text, in the shortest encoding, whatever it was before. */
static void expect_text_goes_round(struct span text)
{
    struct text bytes, again;
    text_init(&bytes);
    text_init(&again);
    struct json_fault fault = {0, ""};
    if (json_read_value(text, TOCSIN_DEPTH_MAX + 1, &bytes, &fault) != 0)
        fail_msg("%s: not read back at %zu: %s", vector_path, fault.offset, fault.reason);
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 2);
    assert_non_null(judge);
    struct event event;
    struct refusal refusal;
    size_t consumed = event_judge(judge, text_span(&bytes), &event, &refusal);
    if (refusal.code || consumed != bytes.len)
        fail_msg("%s: what was read back is refused: %s", vector_path, refusal_word(refusal.code));
    json_write_event(&again, &event);
    expect_same("text read back", text_span(&again), text);
    event_judge_free(&judge);
    text_fini(&bytes);
    text_fini(&again);
}

static void check_valid(const json_t *vector, void *arg)
{
    (void)arg;
    size_t len;
    uint8_t *bytes = vector_bytes(vector, "bytes", &len);
    struct event_judge *judge = judge_of(vector);
    struct event event;
    struct refusal refusal;
    size_t consumed = event_judge(judge, span_of(bytes, len), &event, &refusal);
    if (refusal.code || consumed != len)
        fail_msg("%s: refused: %s %.*s", vector_path, refusal_word(refusal.code), (int)refusal.field.len,
                 (const char *)refusal.field.data);

    char topic[TOCSIN_TOPIC_MAX];
    size_t topic_len = event_topic(&event, topic);
    assert_true(topic_len < TOCSIN_TOPIC_MAX);
    expect_same("topic", span_of(topic, topic_len), vector_span(vector, "topic"));

    struct text text;
    text_init(&text);
    json_write_event(&text, &event);
    assert_false(text.failed);
    expect_same("log", text_span(&text), vector_span(vector, "log"));
    expect_same_view(&event, span_of(bytes, len));
    expect_text_goes_round(text_span(&text));
    text_fini(&text);
    event_judge_free(&judge);
    free(bytes);
}

static void every_valid_event_is_accepted_and_goes_round(void **state)
{
    (void)state;
    assert_true(for_each_vector("valid", check_valid, NULL) >= 200);
}

static void check_refused(const json_t *vector, void *arg)
{
    (void)arg;
    size_t len;
    uint8_t *bytes = vector_bytes(vector, "bytes", &len);
    struct event_judge *judge = judge_of(vector);
    struct event event;
    struct refusal refusal;
    size_t consumed = event_judge(judge, span_of(bytes, len), &event, &refusal);
    expect_verdict(&refusal, consumed, vector);
    event_judge_free(&judge);
    free(bytes);
}

static void every_bad_event_is_refused_with_its_code_and_field(void **state)
{
    (void)state;
    assert_true(for_each_vector("refused", check_refused, NULL) >= 500);
}

static void check_frame(const json_t *vector, void *arg)
{
    (void)arg;
    size_t len;
    uint8_t *bytes = vector_bytes(vector, "bytes", &len);
    struct event_judge *judge = judge_of(vector);
    const json_t *verdicts = json_object_get(vector, "verdicts");
    struct refusal refusal = {TOCSIN_ACCEPTED, {NULL, 0}};
    size_t at = 0;
    size_t count = 0;
    do {
        struct event event;
        size_t consumed = event_judge(judge, span_of(bytes + at, len - at), &event, &refusal);
        if (count == json_array_size(verdicts))
            fail_msg("%s: more values than verdicts", vector_path);
        expect_verdict(&refusal, consumed, json_array_get(verdicts, count++));
        at += consumed;
    } while (at < len && refusal.code != TOCSIN_REFUSAL_MALFORMED);
    assert_int_equal(count, json_array_size(verdicts));
    event_judge_free(&judge);
    free(bytes);
}

static void every_frame_is_judged_value_by_value(void **state)
{
    (void)state;
    assert_true(for_each_vector("frames", check_frame, NULL) >= 30);
}

/* The record on the wire: made from the event's bytes, and read. */
static void check_record(const json_t *line, struct span bytes, struct span received, struct record *record)
{
    struct event_judge *judge = judge_of(line);
    struct event event;
    struct refusal refusal;
    event_judge(judge, bytes, &event, &refusal);
    assert_int_equal(refusal.code, TOCSIN_ACCEPTED);

    struct text made;
    text_init(&made);
    uint8_t head[RECORD_HEAD_MAX];
    text_put(
        &made, head,
        record_write_head(head, vector_uint(line, "seq"), vector_uint(line, "prev"), vector_uint(line, "received_us")));
    if (event.time.data)
        text_put(&made, bytes.data, bytes.len);
    else
        event_write_with_time(&made, &event, received);
    size_t wanted_len;
    uint8_t *wanted = vector_bytes(line, "record", &wanted_len);
    assert_int_equal(made.len, wanted_len);
    assert_memory_equal(made.data, wanted, wanted_len);
    free(wanted);

    size_t used;
    assert_int_equal(record_read(text_span(&made), record, &used), 0);
    assert_int_equal(used, made.len);
    assert_int_equal(record->seq, vector_uint(line, "seq"));
    assert_int_equal(record->prev, vector_uint(line, "prev"));
    assert_int_equal(record->received_us, vector_uint(line, "received_us"));
    struct span event_bytes = record->event.bytes;
    event_judge(judge, event_bytes, &event, &refusal);
    assert_int_equal(refusal.code, TOCSIN_ACCEPTED);
    event_judge_free(&judge);

    /* the caller's view outlives the text that it points into: move it to the vector's own bytes */
    static uint8_t kept[TOCSIN_EVENT_BYTES_MAX];
    memcpy(kept, event_bytes.data, event_bytes.len);
    assert_true(event_view(span_of(kept, event_bytes.len), &record->event));
    text_fini(&made);
}

static void check_log_line(const json_t *vector)
{
    size_t len;
    uint8_t *bytes = vector_bytes(vector, "bytes", &len);
    char received[RFC3339_US_LEN];
    rfc3339_write_us(received, vector_uint(vector, "received_us"));
    struct record record;
    check_record(vector, span_of(bytes, len), span_of(received, sizeof received), &record);

    struct provenance provenance = {{NULL, 0}, vector_uint(vector, "n"), vector_uint(vector, "batch")};
    if (!json_is_null(json_object_get(vector, "producer")))
        provenance.producer = vector_span(vector, "producer");
    struct span line = vector_span(vector, "line");
    struct text text;
    text_init(&text);
    record_write_line(&text, &record, span_of(received, sizeof received), &provenance);
    assert_true(line.len > 44);
    expect_same("line", text_span(&text), span_of(line.data, line.len - strlen(",\"hash\":\"\"}") - 32));
    text_fini(&text);
    free(bytes);
}

static void check_log(const json_t *vector, void *arg)
{
    (void)arg;
    size_t i;
    const json_t *line;
    json_array_foreach(json_object_get(vector, "lines"), i, line) check_log_line(line);
    assert_true(i > 0);
}

static void every_log_has_the_records_and_lines_that_it_should(void **state)
{
    (void)state;
    assert_true(for_each_vector("log", check_log, NULL) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_valid_event_is_accepted_and_goes_round),
        cmocka_unit_test(every_bad_event_is_refused_with_its_code_and_field),
        cmocka_unit_test(every_frame_is_judged_value_by_value),
        cmocka_unit_test(every_log_has_the_records_and_lines_that_it_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
