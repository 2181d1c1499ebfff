/* What clients say at the stream door. */
#include "tests/stream_request_support.h"

static void verbs_without_arguments_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        enum stream_verb verb;
    } verbs[] = {{"close", STREAM_CLOSE},
                 {"ping", STREAM_PING},
                 {"pong", STREAM_PONG},
                 {"info", STREAM_INFO},
                 {"latest", STREAM_LATEST}};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        begin(1, verbs[i].word);
        assert_good();
        assert_int_equal(request.verb, verbs[i].verb);
        assert_int_equal(request.filter_count, 0);
    }
}

static void an_empty_open_is_everything_new_followed(void **state)
{
    (void)state;
    begin_open(0);
    assert_good();
    assert_int_equal(request.verb, STREAM_OPEN);
    assert_int_equal(request.from, STREAM_FROM_NEW);
    assert_int_equal(request.level, TOCSIN_LEVEL_TRACE);
    assert_true(request.follow);
    assert_false(request.latest);
    assert_int_equal(request.filter_count + request.type_count, 0);
}

static void every_option_of_open_is_read(void **state)
{
    (void)state;
    begin_open(6);
    put_key("from");
    wire_write_uint(&message, UINT64_MAX);
    put_key("filters");
    wire_write_array(&message, 2);
    wire_write_str(&message, span_of("a/b\0", 4));
    wire_write_bin(&message, span_of_str("c"));
    put_key("level");
    put_key("Warning");
    put_key("types");
    wire_write_array(&message, 1);
    put_key("StreamCreated");
    put_key("latest");
    wire_write_bool(&message, true);
    put_key("follow");
    wire_write_bool(&message, false);
    uint8_t *copy = exact_copy(text_span(&message)); /* spans point into it */
    assert_null(stream_request_read(&request, span_of(copy, message.len), &code));
    assert_int_equal(request.from, STREAM_FROM_SEQ);
    assert_true(request.from_value == UINT64_MAX);
    assert_int_equal(request.filter_count, 2);
    assert_int_equal(request.filters[0].len, 4);
    assert_span_equal(request.filters[1], "c");
    assert_int_equal(request.level, TOCSIN_LEVEL_WARNING);
    assert_int_equal(request.type_count, 1);
    assert_span_equal(request.types[0], "StreamCreated");
    assert_true(request.latest);
    assert_false(request.follow);
    free(copy);
}

static void from_is_a_word_a_time_or_a_count(void **state)
{
    (void)state;
    begin_open(1);
    put_key("from");
    put_key("first");
    assert_good();
    assert_int_equal(request.from, STREAM_FROM_FIRST);

    begin_open(1);
    put_key("from");
    wire_write_map(&message, 1);
    put_key("last");
    wire_write_uint(&message, 10);
    assert_good();
    assert_int_equal(request.from, STREAM_FROM_LAST);
    assert_int_equal(request.from_value, 10);

    begin_open(1);
    put_key("from");
    wire_write_map(&message, 1);
    put_pair(&message, "time", "2026-11-21T18:30:00.0000015+09:00");
    assert_good();
    assert_int_equal(request.from, STREAM_FROM_TIME);
    assert_true(request.from_value == UINT64_C(1795253400000002)); /* not before the time that was asked for */

    begin_open(1);
    put_key("from");
    wire_write_map(&message, 1);
    put_pair(&message, "time", "1969-12-31T23:59:59Z");
    assert_good();
    assert_int_equal(request.from_value, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verbs_without_arguments_are_read),
        cmocka_unit_test(an_empty_open_is_everything_new_followed),
        cmocka_unit_test(every_option_of_open_is_read),
        cmocka_unit_test(from_is_a_word_a_time_or_a_count),
    };
    return cmocka_run_group_tests(tests, init, fini);
}
