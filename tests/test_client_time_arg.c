#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "client/time_arg.h"

#define NOW_US INT64_C(1795221000125000) /* 2026-11-21T00:30:00.125Z, 09:30 in Tokyo */

static int set_up(void **state)
{
    (void)state;
    setenv("TZ", "Asia/Tokyo", 1);
    tzset();
    return 0;
}

static void durations_are_numbers_with_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } good[] = {
        {"30", 30000000},
        {"1.5", 1500000},
        {"0", 0},
        {"100ms", 100000},
        {"7us", 7},
        {"1m", 60000000},
        {"1h30m", INT64_C(5400000000)},
        {"2d", INT64_C(172800000000)},
        {"1w", INT64_C(604800000000)},
        {"0.25s", 250000},
        {"1.5h", INT64_C(5400000000)},
        {"1s1ms1us", 1001001},
        {"0.0000001s", 0},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t us;
        if (!duration_arg_read(good[i].text, &us) || us != good[i].us)
            fail_msg("%s", good[i].text);
    }
}

static void what_is_no_duration_is_refused(void **state)
{
    (void)state;
    const char *const bad[] = {"",
                               "s",
                               "-1",
                               "1x",
                               "1s ",
                               "1 s",
                               ".5",
                               "1.",
                               "1.s",
                               "1s2",
                               "1e3s",
                               "nan",
                               "36526d",
                               "99999999999999999999",
                               "9223372036854775807us",
                               "1..2s"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t us;
        if (duration_arg_read(bad[i], &us))
            fail_msg("%s was accepted as %lld", bad[i], (long long)us);
    }
}

static void assert_time(const char *text, bool is_utc, int64_t expected_us)
{
    int64_t us;
    if (!time_arg_read(text, NOW_US, is_utc, &us))
        fail_msg("%s was refused", text);
    if (us != expected_us)
        fail_msg("%s gave %lld", text, (long long)us);
}

static void times_are_read_as_people_write_them(void **state)
{
    (void)state;
    assert_time("now", false, NOW_US);
    assert_time("today", false, INT64_C(1795186800000000));    /* 2026-11-20T15:00Z */
    assert_time("today", true, INT64_C(1795219200000000));     /* 2026-11-21T00:00Z */
    assert_time("yesterday", true, INT64_C(1795132800000000)); /* 2026-11-20T00:00Z */
    assert_time("15m", false, NOW_US - INT64_C(900000000));
    assert_time("-15m", false, NOW_US - INT64_C(900000000));
    assert_time("@1795221000", false, INT64_C(1795221000000000));
    assert_time("@1795221000.5", false, INT64_C(1795221000500000));
    assert_time("2026-11-21T09:30:00.125+09:00", true, NOW_US);
    assert_time("2026-11-21 09:30", false, NOW_US - 125000);
    assert_time("2026-11-21 00:30:00", true, NOW_US - 125000);
    assert_time("2026-11-21T09:30:00", false, NOW_US - 125000);
    assert_time("2026-11-21", true, INT64_C(1795219200000000));
    assert_time("09:30", false, NOW_US - 125000); /* today, in Tokyo */
    assert_time("00:30:01", true, NOW_US + 875000);
    assert_time("23:59:59", false, INT64_C(1795186800000000) + INT64_C(86399000000));
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    const char *const bad[] = {"",
                               "tomorrow",
                               "2026-13-01",
                               "2026-02-30",
                               "2026-11-21 24:00",
                               "2026-11-21 9:30",
                               "21.11.2026",
                               "@",
                               "@x",
                               "@-5",
                               "1969-12-31",
                               "2026-11-21 09",
                               "-99999d",
                               "2026-11-21T09:30:00+25:00",
                               "2026-11-21 09:60",
                               "2026-11-2",
                               "9:30",
                               "24:00",
                               "09:30:60",
                               "09:",
                               "09:30 ",
                               "09:30Z"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t us;
        if (time_arg_read(bad[i], NOW_US, true, &us))
            fail_msg("%s was accepted as %lld", bad[i], (long long)us);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_numbers_with_units),
        cmocka_unit_test(what_is_no_duration_is_refused),
        cmocka_unit_test(times_are_read_as_people_write_them),
        cmocka_unit_test(what_is_no_time_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
