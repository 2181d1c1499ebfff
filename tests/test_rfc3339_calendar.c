/* Times as text against other judges: timegm and gmtime_r for the calendar, a regular expression for the form. */
#include <regex.h>
#include <time.h>

#include "tests/rfc3339_support.h"

#define RANDOM_COUNT 200000

#define SECONDS_PER_DAY INT64_C(86400)

/* Two digits at `text`. */
static int two(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/* What a time is, said a second time: the form by `form`, the calendar by timegm. */
static bool judge(const regex_t *form, const char *text, int64_t *seconds)
{
    if (regexec(form, text, 0, NULL, 0) != 0)
        return false;
    struct tm tm = {
        .tm_year = two(text) * 100 + two(text + 2) - 1900,
        .tm_mon = two(text + 5) - 1,
        .tm_mday = two(text + 8),
    };
    struct tm normal = tm;
    *seconds = timegm(&normal) + two(text + 11) * 3600 + two(text + 14) * 60 + two(text + 17);
    const char *zone = text + strlen(text) - 6;
    if (text[strlen(text) - 1] != 'Z')
        *seconds -= (*zone == '-' ? -1 : 1) * (two(zone + 1) * 3600 + two(zone + 4) * 60);
    if (normal.tm_mday != tm.tm_mday || normal.tm_mon != tm.tm_mon)
        return false;
    return two(text + 17) < 60 || *seconds % SECONDS_PER_DAY == 0;
}

static void assert_judged_alike(const regex_t *form, const char *text)
{
    int64_t seconds = 0;
    struct rfc3339 time;
    bool want = judge(form, text, &seconds);
    bool valid = read_bytes(text, strlen(text), &time);
    if (valid != want || (valid && time.seconds != seconds))
        fail_msg("%s: %s", text, want ? "is a time" : "is no time");
}

static void compile_form(regex_t *form)
{
    assert_int_equal(regcomp(form,
                             "^[0-9]{4}-(0[1-9]|1[0-2])-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)"
                             "([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
                             REG_EXTENDED | REG_NOSUB),
                     0);
}

static const char *const samples[] = {
    "2026-11-21T00:30:00.125000Z",  "2024-02-29T23:59:60.999999999Z", "2017-01-01T08:59:60+09:00",
    "1969-12-31T23:59:59.9-23:59",  "0000-02-29T00:00:00Z",           "9999-12-31T23:59:59+00:00",
    "1900-02-28T12:00:00.12+05:30",
};

static void every_byte_in_every_place_is_judged_rightly(void **state)
{
    (void)state;
    regex_t form;
    compile_form(&form);
    for (size_t i = 0; i < COUNT(samples); i++) {
        char text[64];
        strcpy(text, samples[i]);
        assert_true(read_bytes(text, strlen(text), NULL));
        for (size_t at = 0; text[at]; at++) {
            for (int byte = 1; byte < 256; byte++) {
                text[at] = (char)byte;
                assert_judged_alike(&form, text);
            }
            text[at] = '\0';
            assert_false(read_bytes(text, strlen(samples[i]), NULL));
            text[at] = samples[i][at];
        }
    }
    regfree(&form);
}

static void random_changes_are_judged_rightly(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789012345678901234567890123456789-+:.TZtz ";
    regex_t form;
    compile_form(&form);
    for (int i = 0; i < RANDOM_COUNT / 2; i++) {
        char text[64];
        strcpy(text, samples[random_bits() % COUNT(samples)]);
        size_t len = strlen(text);
        for (uint64_t changes = 1 + random_bits() % 4; changes > 0; changes--)
            text[random_bits() % len] = alphabet[random_bits() % (sizeof alphabet - 1)];
        if (random_bits() % 8 == 0)
            memmove(text + 20, text + 21, len - 20);
        assert_judged_alike(&form, text);
    }
    regfree(&form);
}

static int64_t day_of(int year, int month, int day)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return timegm(&tm) / SECONDS_PER_DAY;
}

static void every_day_from_1600_to_2400_agrees_with_the_c_library(void **state)
{
    (void)state;
    int64_t end = day_of(2401, 1, 1);
    for (int64_t day = day_of(1600, 1, 1); day < end; day++) {
        time_t seconds = (time_t)(day * SECONDS_PER_DAY + (int64_t)(random_bits() % (uint64_t)SECONDS_PER_DAY));
        struct tm tm;
        char text[64];
        assert_non_null(gmtime_r(&seconds, &tm));
        size_t len = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
        struct rfc3339 time;
        if (!rfc3339_read(span_of(text, len), &time) || time.seconds != seconds)
            fail_msg("%s is not read as %lld", text, (long long)seconds);
        if (seconds < 0)
            continue;

        char ours[RFC3339_US_LEN];
        rfc3339_write_us(ours, (uint64_t)seconds * 1000000 + 7);
        strcpy(text + len - 1, ".000007Z");
        assert_memory_equal(ours, text, RFC3339_US_LEN);
    }
}

static void every_date_that_can_be_spelled_is_judged_rightly(void **state)
{
    (void)state;
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    /* The years from four before to four behind each turn of a century. */
    for (int year = 0; year <= 9999; year += year % 100 == 4 ? 92 : 1) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 0; month <= 13; month++) {
            int last = month >= 1 && month <= 12 ? days[month - 1] + (leap && month == 2) : 0;
            for (int day = 0; day <= 32; day++) {
                char text[64];
                sprintf(text, "%04d-%02d-%02dT00:00:00Z", year, month, day);
                if (rfc3339_read(span_of_str(text), NULL) != (day >= 1 && day <= last))
                    fail_msg("%s is judged wrongly", text);
            }
        }
    }
}

static void assert_goes_round(uint64_t us)
{
    struct {
        char text[RFC3339_US_LEN];
        char mark;
    } room = {.mark = '#'};
    struct rfc3339 time;
    rfc3339_write_us(room.text, us);
    assert_int_equal(room.mark, '#');
    assert_true(rfc3339_read(span_of(room.text, RFC3339_US_LEN), &time));
    assert_true((uint64_t)time.seconds == us / 1000000);
    assert_int_equal(time.nanoseconds, us % 1000000 * 1000);
    assert_int_equal(time.offset_minutes, 0);
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < RANDOM_COUNT; i++)
        assert_goes_round(random_bits() % UINT64_C(253402300800000000));
    for (uint64_t day = 0; day < UINT64_C(253402300800) / 86400; day++)
        assert_goes_round(day * UINT64_C(86400000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_in_every_place_is_judged_rightly),
        cmocka_unit_test(random_changes_are_judged_rightly),
        cmocka_unit_test(every_day_from_1600_to_2400_agrees_with_the_c_library),
        cmocka_unit_test(every_date_that_can_be_spelled_is_judged_rightly),
        cmocka_unit_test(what_is_written_is_read_back),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
