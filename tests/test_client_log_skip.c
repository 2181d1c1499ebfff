/* Where reading of a log's file begins: nothing that is wanted is passed over, and little else is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "client/log_skip.h"

#define COUNT    5000u
#define NEAR_LEN 80000u /* a stretch that is read through, and what one look takes */

static FILE *file;
static long places[COUNT + 1]; /* of line seq - 1 */
static char *line;
static size_t size;

/* Each seq is of a second of its own, from 09:00:00 on. */
static uint64_t time_of(uint64_t seq)
{
    return UINT64_C(1795251600000000) + seq * 1000000;
}

static void put_line(uint64_t seq)
{
    unsigned long long s = seq % 3600, h = 9 + seq / 3600;
    fprintf(file,
            "{\"seq\":%llu,\"received\":\"2026-11-21T%02llu:%02llu:%02llu.000000Z\",\"time\":\"2026-11-21T09:00:00Z\","
            "\"level\":\"Info\",\"category\":\"C\",\"type\":\"T\",\"sourceId\":\"s\",\"summary\":\"%0*d\",\"prev\":0,"
            "\"batch\":1,\"hash\":\"00000000000000000000000000000000\"}\n",
            (unsigned long long)seq, h, s / 60, s % 60, (int)(seq * 7 % 200) + 1, 0);
}

static int set_up(void **state)
{
    (void)state;
    file = tmpfile();
    assert_non_null(file);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fclose(file);
    free(line);
    line = NULL;
    size = 0;
    return 0;
}

static void fill(uint64_t bad_from, uint64_t bad_to)
{
    for (uint64_t seq = 1; seq <= COUNT; seq++) {
        places[seq - 1] = ftell(file);
        if (seq >= bad_from && seq < bad_to)
            fputs("no line of the log\n", file);
        else
            put_line(seq);
    }
    places[COUNT] = ftell(file);
}

static void assert_begins_near(uint64_t since_us, uint64_t first_seq, uint64_t wanted_seq)
{
    uint64_t place = log_skip(file, since_us, first_seq, &line, &size);
    long wanted = places[wanted_seq - 1];
    assert_int_equal(ftell(file), place);
    assert_in_range(place, wanted > (long)NEAR_LEN ? wanted - (long)NEAR_LEN : 0, wanted);
    uint64_t at = 0;
    while (places[at] < (long)place)
        at++;
    assert_int_equal(places[at], place); /* where a line begins */
    assert_int_equal(log_skip_count(file, place), at);
    assert_int_equal(ftell(file), place);
}

static void it_begins_shortly_before_a_seq_or_a_time(void **state)
{
    (void)state;
    fill(0, 0);
    for (uint64_t seq = 1; seq <= COUNT; seq += 61) {
        assert_begins_near(0, seq, seq);
        assert_begins_near(time_of(seq), 0, seq);
        assert_begins_near(time_of(seq) - 999999, 1, seq);
    }
    assert_begins_near(0, COUNT + 1, COUNT + 1);
    assert_begins_near(UINT64_MAX, 0, COUNT + 1);
}

static void of_a_seq_and_a_time_the_later_one_counts(void **state)
{
    (void)state;
    fill(0, 0);
    assert_begins_near(time_of(4000), 1000, 4000);
    assert_begins_near(time_of(1000), 4000, 4000);
}

static void lines_that_cannot_be_read_hide_nothing_that_is_wanted(void **state)
{
    (void)state;
    fill(2000, 3000);
    for (uint64_t seq = 1; seq <= COUNT; seq += 499) {
        uint64_t place = log_skip(file, 0, seq, &line, &size);
        assert_in_range(place, 0, places[seq - 1]);
    }
    assert_begins_near(0, 1900, 1900);
    assert_begins_near(0, 4900, 4900);
}

static void what_is_short_or_no_log_is_read_from_its_start(void **state)
{
    (void)state;
    assert_int_equal(log_skip(file, 0, 9, &line, &size), 0);
    put_line(1);
    assert_int_equal(log_skip(file, 0, 9, &line, &size), 0);
    for (int i = 0; i < 300000; i++)
        fputc(i % 1000 == 0 ? '\n' : 'x', file);
    assert_int_equal(log_skip(file, 0, 9, &line, &size), 0);
    assert_int_equal(ftell(file), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_begins_shortly_before_a_seq_or_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_a_seq_and_a_time_the_later_one_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_that_cannot_be_read_hide_nothing_that_is_wanted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_short_or_no_log_is_read_from_its_start, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
