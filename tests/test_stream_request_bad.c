/* What clients must not say at the stream door. */
#include "tests/stream_request_support.h"

static void wrong_values_of_from_are_refused(void **state)
{
    (void)state;
    begin_open(1);
    put_key("from");
    put_key("last");
    assert_wrong("protocol");

    begin_open(1);
    put_key("from");
    wire_write_int(&message, -1);
    assert_wrong("protocol");

    begin_open(1);
    put_key("from");
    wire_write_map(&message, 1);
    put_pair(&message, "time", "2026-02-30T00:00:00Z");
    assert_wrong("protocol");

    begin_open(1);
    put_key("from");
    wire_write_map(&message, 2);
    put_pair(&message, "time", "2026-02-20T00:00:00Z");
    put_key("last");
    wire_write_uint(&message, 1);
    assert_wrong("protocol");
}

static void unknown_repeated_and_mistyped_options_are_refused(void **state)
{
    (void)state;
    begin_open(1);
    put_pair(&message, "filter", "x");
    assert_wrong("protocol");

    begin_open(2);
    put_pair(&message, "level", "Info");
    put_pair(&message, "level", "Info");
    assert_wrong("protocol");

    static const char *const keys[] = {"from", "filters", "level", "types", "latest", "follow"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        begin_open(1);
        put_key(keys[i]);
        wire_write_nil(&message);
        assert_wrong("protocol");
    }
    begin_open(1);
    put_pair(&message, "level", "warning");
    assert_wrong("protocol");
}

static void put_words(const char *key, uint32_t count, size_t len)
{
    static const char word[300] = "x";
    begin_open(1);
    put_key(key);
    wire_write_array(&message, count);
    for (uint32_t i = 0; i < count; i++)
        wire_write_str(&message, span_of(word, len));
}

static void the_number_and_length_of_filters_and_types_are_bounded(void **state)
{
    (void)state;
    put_words("filters", 1000, 200);
    assert_good();
    assert_int_equal(request.filter_count, 1000);
    put_words("filters", 1001, 1);
    assert_wrong("protocol");
    put_words("filters", 1, 201);
    assert_wrong("protocol");
    put_words("filters", 1, 0);
    assert_good();
    put_words("types", 256, 128);
    assert_good();
    put_words("types", 257, 1);
    assert_wrong("protocol");
    put_words("types", 1, 129);
    assert_wrong("protocol");
    put_words("types", 1, 0);
    assert_wrong("protocol");
}

static void another_version_is_told_so(void **state)
{
    (void)state;
    begin(3, "open");
    wire_write_uint(&message, 2);
    wire_write_map(&message, 0);
    assert_wrong("version");
    begin(4, "open"); /* whatever the next version takes */
    wire_write_uint(&message, 2);
    wire_write_nil(&message);
    wire_write_nil(&message);
    assert_wrong("version");
}

static void what_is_no_message_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {{"", 0},
                 {"\xc1", 1},
                 {"\x90", 1},
                 {"\xdd\xff\xff\xff\xff", 5},
                 {"\x91\x01", 2},
                 {"\xa4ping", 5},
                 {"\x91\xa4ping\xc0", 7},
                 {"\x92\xa4ping\xc0", 7},
                 {"\x91\xa4pong\xc0", 7},
                 {"\x91\xa6"
                  "credit",
                  8},
                 {"\x92\xa6"
                  "credit\xff",
                  9},
                 {"\x91\xa4open", 6},
                 {"\x92\xa4open\x01", 7},
                 {"\x93\xa4open\x01\x90", 8},
                 {"\x91\xa6publish", 9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_non_null(read_bytes(span_of(cases[i].bytes, cases[i].len)));
        assert_string_equal(code, "protocol");
    }
}

static void changed_and_cut_messages_stay_within_their_bytes(void **state)
{
    (void)state;
    begin_open(3);
    put_key("filters");
    wire_write_array(&message, 2);
    put_key("StreamEvent/");
    put_key("AppEvent/");
    put_pair(&message, "level", "Info");
    put_key("from");
    wire_write_map(&message, 1);
    put_pair(&message, "time", "2026-11-21T18:30:00Z");
    uint8_t changed[200];
    assert_true(message.len < sizeof changed);
    for (unsigned round = 0; round < 100000; round++) {
        memcpy(changed, message.data, message.len);
        for (uint64_t i = 0; i <= random_below(4); i++)
            changed[random_below(message.len)] = (uint8_t)random_bits();
        read_bytes(span_of(changed, random_below(message.len) + 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_values_of_from_are_refused),
        cmocka_unit_test(unknown_repeated_and_mistyped_options_are_refused),
        cmocka_unit_test(the_number_and_length_of_filters_and_types_are_bounded),
        cmocka_unit_test(another_version_is_told_so),
        cmocka_unit_test(what_is_no_message_is_refused),
        cmocka_unit_test(changed_and_cut_messages_stay_within_their_bytes),
    };
    return cmocka_run_group_tests(tests, init, fini);
}
