/* Times as text: what is read, what is refused, what is written. */
#include "tests/rfc3339_support.h"

static struct rfc3339 read_valid(const char *text)
{
    struct rfc3339 time = {0};
    if (!read_bytes(text, strlen(text), &time))
        fail_msg("%s was refused", text);
    return time;
}

static void valid_times_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
        uint32_t nanoseconds;
        int offset_minutes;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0, 0, 0},
        {"1970-01-01T00:00:00+00:00", 0, 0, 0},
        {"1970-01-01T00:00:00-00:00", 0, 0, 0},
        {"1970-01-01T00:00:00.000000001Z", 0, 1, 0},
        {"1969-12-31T23:59:59.999999999Z", -1, 999999999, 0},
        {"2026-11-21T09:30:00.125+09:00", 1795221000, 125000000, 540},
        {"2026-11-21T00:30:00.125000Z", 1795221000, 125000000, 0},
        {"2026-11-20T19:00:00.1-05:30", 1795221000, 100000000, -330},
        {"2026-11-21T00:30:00.12Z", 1795221000, 120000000, 0},
        {"2026-11-21T00:30:00.1234Z", 1795221000, 123400000, 0},
        {"2026-11-21T00:30:00.12345Z", 1795221000, 123450000, 0},
        {"2026-11-21T00:30:00.1234567Z", 1795221000, 123456700, 0},
        {"2026-11-21T00:30:00.12345678Z", 1795221000, 123456780, 0},
        {"2026-11-21T00:30:00.123456789Z", 1795221000, 123456789, 0},
        {"2000-02-29T12:00:00Z", 951825600, 0, 0},
        {"2024-02-29T23:59:59+23:59", 1709251199 - 1439 * 60, 0, 1439},
        {"2024-02-29T00:00:00-23:59", 1709164800 + 1439 * 60, 0, -1439},
        {"1600-02-29T00:00:00Z", -11670998400, 0, 0},
        {"0000-01-01T00:00:00Z", -62167219200, 0, 0},
        {"0000-02-29T00:00:00Z", -62162121600, 0, 0},
        {"0000-03-01T00:00:00Z", -62162035200, 0, 0},
        {"0000-01-01T00:00:00+23:59", -62167219200 - 1439 * 60, 0, 1439},
        {"0001-01-01T00:00:00Z", -62135596800, 0, 0},
        {"9999-12-31T23:59:59.999999999Z", 253402300799, 999999999, 0},
        {"9999-12-31T23:59:59-23:59", 253402300799 + 1439 * 60, 0, -1439},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rfc3339 time = read_valid(rows[i].text);
        if (time.seconds != rows[i].seconds)
            fail_msg("%s was read as %lld", rows[i].text, (long long)time.seconds);
        assert_int_equal(time.nanoseconds, rows[i].nanoseconds);
        assert_int_equal(time.offset_minutes, rows[i].offset_minutes);
    }
}

static void a_leap_second_stands_only_at_the_end_of_a_utc_day(void **state)
{
    (void)state;
    struct rfc3339 time = read_valid("2016-12-31T23:59:60.5Z");
    assert_int_equal(time.seconds, 1483228800);
    assert_int_equal(time.nanoseconds, 500000000);
    assert_int_equal(read_valid("1990-12-31T15:59:60-08:00").seconds, 662688000);
    assert_int_equal(read_valid("2017-01-01T08:59:60+09:00").seconds, 1483228800);
    assert_int_equal(read_valid("2017-01-01T05:29:60+05:30").seconds, 1483228800);
    assert_int_equal(read_valid("2017-01-01T23:58:60+23:59").seconds, 1483228800);
    assert_int_equal(read_valid("2016-12-31T00:00:60-23:59").seconds, 1483228800);

    static const char *const rows[] = {
        "2016-12-31T23:58:60Z",      "2016-12-31T22:59:60Z",      "2016-12-31T00:00:60Z",
        "2016-12-31T23:59:60+00:01", "2016-12-31T23:59:60-00:01", "2016-12-31T23:59:60+09:00",
        "2017-01-01T08:58:60+09:00", "2016-12-31T23:59:61Z",      "2016-12-31T15:59:60+08:00",
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_false(read_bytes(rows[i], strlen(rows[i]), NULL));
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    /* clang-format off */
    static const char *const rows[] = {
        "", "Z", "T", "2026", "2026-11-21", "2026-11-21T", "2026-11-21T00:30", "2026-11-21T00:30Z",
        "2026-11-21T00:30:00", "2026-11-21T00:30:00.125", "2026-11-21T00:30:00.", "2026-11-21T00:30:00.Z",
        "2026-11-21T00:30:00.1234567890Z", "2026-11-21T00:30:00.0000000000Z", "2026-11-21T00:30:00,125Z",
        "2026-11-21T00:30:00.1.2Z", "2026-11-21T00:30:00.12aZ", "2026-11-21T00:30:00.-1Z", "2026-11-21T00:30:00. 1Z",
        "2026-11-21t00:30:00Z", "2026-11-21T00:30:00z", "2026-11-21 00:30:00Z", "2026-11-21_00:30:00Z",
        " 2026-11-21T00:30:00Z", "2026-11-21T00:30:00Z ", "2026-11-21T00:30:00Z\n", "2026-11-21T00:30:00 Z",
        "2026-11-21T00:30:00ZZ", "2026-11-21T00:30:00Z+00:00", "2026-11-21T00:30:00+00:00Z",
        "2026/11/21T00:30:00Z", "2026-11-21T00.30.00Z", "20261121T003000Z", "2026-11-21T003000Z", "26-11-21T00:30:00Z",
        "02026-11-21T00:30:00Z", "+2026-11-21T00:30:00Z", "-2026-11-21T00:30:00Z", "12026-11-21T00:30:00Z",
        "2026-1-21T00:30:00Z", "2026-11-1T00:30:00Z", "2026-11-21T0:30:00Z", "2026-11-21T00:3:00Z",
        "2026-11-21T00:30:0Z", "2026-00-21T00:30:00Z", "2026-13-21T00:30:00Z", "2026-99-21T00:30:00Z",
        "2026-11-00T00:30:00Z", "2026-11-31T00:30:00Z", "2026-01-32T00:30:00Z", "2026-02-29T00:30:00Z",
        "2026-02-30T00:30:00Z", "2024-02-30T00:30:00Z", "1900-02-29T00:30:00Z", "2100-02-29T00:30:00Z",
        "2026-04-31T00:30:00Z", "2026-06-31T00:30:00Z", "2026-09-31T00:30:00Z", "2026-12-32T00:30:00Z",
        "2026-11-21T24:00:00Z", "2026-11-21T25:30:00Z", "2026-11-21T99:30:00Z", "2026-11-21T00:60:00Z",
        "2026-11-21T00:99:00Z", "2026-11-21T00:30:60Z", "2026-11-21T00:30:61Z", "2026-11-21T00:30:99Z",
        "2026-11-21T00:30:00+24:00", "2026-11-21T00:30:00-24:00", "2026-11-21T00:30:00+99:00",
        "2026-11-21T00:30:00+00:60", "2026-11-21T00:30:00-09:99", "2026-11-21T00:30:00+0900", "2026-11-21T00:30:00+09",
        "2026-11-21T00:30:00+9:00", "2026-11-21T00:30:00+09:0", "2026-11-21T00:30:00+09:000", "2026-11-21T00:30:00+09-00",
        "2026-11-21T00:30:00+09.00", "2026-11-21T00:30:00 09:00", "2026-11-21T00:30:00009:00", "2026-11-21T00:30:00+",
        "2026-11-21T00:30:00-", "2026-11-21T00:30:00++9:00", "2026-11-21T00:30:00+-9:00", "2026-11-21T00:30:00+09: 0",
        "2026-11-21T00:30:00+09:00:00", "2026-11-21T00:30:00\xe2\x88\x92" "09:00", "2026-11-21T00:30:00 GMT",
        "2026-11-21T00:30:00UTC", "2026-11-21T00:30:00 +00:00", "2026-W47-6T00:30:00Z", "2026-325T00:30:00.000Z",
        "2026-11-21T00:30:00Z[Asia/Tokyo]", "Sat, 21 Nov 2026 00:30:00 GMT", "1795221000", "1795221000.125000000000",
        "now", "0000-00-00T00:00:00Z", "2026-11-2/T00:30:00Z", "2026-11-2:T00:30:00Z", "\xd9\xa2" "026-11-21T00:30:00Z",
        "\xef\xbb\xbf" "2026-11-21T00:30:00Z", "2026-11-21T00:30:00\xff", "----------T--:--:--Z",
    };
    /* clang-format on */
    assert_true(COUNT(rows) >= 60);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (read_bytes(rows[i], strlen(rows[i]), NULL))
            fail_msg("\"%s\" was read", rows[i]);
    }
    assert_false(rfc3339_read((struct span){NULL, 0}, NULL));
    assert_false(read_bytes("2026-11-21T00:30:00Z", 21, NULL)); /* with the NUL */
}

static void every_part_of_a_time_is_refused(void **state)
{
    (void)state;
    static const char text[] = "2026-11-21T00:30:00.125+09:00";
    for (size_t len = 0; len < sizeof text - 1; len++)
        assert_false(read_bytes(text, len, NULL));
    assert_true(read_bytes(text, sizeof text - 1, NULL));
}

static void a_refused_time_leaves_what_was_there(void **state)
{
    (void)state;
    struct rfc3339 time = {.seconds = 1, .nanoseconds = 2, .offset_minutes = 3};
    assert_false(rfc3339_read(span_of_str("2026-11-21T00:30:00+24:00"), &time));
    assert_true(time.seconds == 1 && time.nanoseconds == 2 && time.offset_minutes == 3);
}

static void microseconds_are_written_with_six_digits(void **state)
{
    (void)state;
    static const struct {
        uint64_t us;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000000Z"},
        {1, "1970-01-01T00:00:00.000001Z"},
        {999999, "1970-01-01T00:00:00.999999Z"},
        {1000000, "1970-01-01T00:00:01.000000Z"},
        {UINT64_C(86399999999), "1970-01-01T23:59:59.999999Z"},
        {UINT64_C(86400000000), "1970-01-02T00:00:00.000000Z"},
        {UINT64_C(951782400000000), "2000-02-29T00:00:00.000000Z"},
        {UINT64_C(951868800000000), "2000-03-01T00:00:00.000000Z"},
        {UINT64_C(1795221000125000), "2026-11-21T00:30:00.125000Z"},
        {UINT64_C(4107542400000000), "2100-03-01T00:00:00.000000Z"},
        {UINT64_C(13569465600000000), "2400-01-01T00:00:00.000000Z"},
        {UINT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[RFC3339_US_LEN];
        rfc3339_write_us(text, rows[i].us);
        assert_memory_equal(text, rows[i].text, RFC3339_US_LEN);
    }
}

static void what_lies_beyond_the_year_9999_is_written_as_its_end(void **state)
{
    (void)state;
    static const uint64_t rows[] = {UINT64_C(253402300800000000), UINT64_C(253402300800000001), UINT64_MAX / 2,
                                    UINT64_MAX - 1, UINT64_MAX};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[RFC3339_US_LEN];
        rfc3339_write_us(text, rows[i]);
        assert_memory_equal(text, "9999-12-31T23:59:59.999999Z", RFC3339_US_LEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_times_are_read),
        cmocka_unit_test(a_leap_second_stands_only_at_the_end_of_a_utc_day),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(every_part_of_a_time_is_refused),
        cmocka_unit_test(a_refused_time_leaves_what_was_there),
        cmocka_unit_test(microseconds_are_written_with_six_digits),
        cmocka_unit_test(what_lies_beyond_the_year_9999_is_written_as_its_end),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
