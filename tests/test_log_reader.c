/* Reading any stretch of a log of several days, while it grows and days end. */
#include "tests/log_reader_support.h"

static void all_files_are_read_in_order(void **state)
{
    (void)state;
    struct log_cursor cursor = {.next_seq = 1};
    assert_int_equal(head(), 3 * EVENTS_IN_FILE);
    assert_int_equal(read_through(&cursor, head()), head());
}

static void every_seq_is_found(void **state)
{
    (void)state;
    for (uint64_t seq = 1; seq <= head(); seq++)
        assert_next_is(seq);
}

static void nothing_beyond_the_limit_is_read(void **state)
{
    (void)state;
    struct log_cursor cursor = {.next_seq = 1500};
    assert_int_equal(read_through(&cursor, 1600), 101);
    assert_int_equal(read_through(&cursor, 1600), 0);
    assert_int_equal(read_through(&cursor, 2100), 500);
    struct log_cursor beyond = {.next_seq = head() + 1};
    assert_int_equal(read_through(&beyond, head()), 0);
}

static void the_first_line_at_or_after_a_time_is_found(void **state)
{
    (void)state;
    uint64_t start_us = LOG_BUILDER_START_US, seq;
    assert_int_equal(log_reader_at_time(reader, 0, &seq), 0);
    assert_int_equal(seq, 1);
    assert_int_equal(log_reader_at_time(reader, start_us + 1000000, &seq), 0);
    assert_int_equal(seq, 1);
    for (unsigned i = 1; i < 10; i++) {
        assert_int_equal(log_reader_at_time(reader, start_us + i * UINT64_C(1000000) + 1, &seq), 0);
        assert_int_equal(seq, 1 + i * EVENTS_IN_FILE / 10);
        assert_int_equal(log_reader_at_time(reader, start_us + (i + 1) * UINT64_C(1000000), &seq), 0);
        assert_int_equal(seq, 1 + i * EVENTS_IN_FILE / 10);
    }
    /* in the night between two files */
    assert_int_equal(log_reader_at_time(reader, start_us + DAY_US / 2, &seq), 0);
    assert_int_equal(seq, 1 + EVENTS_IN_FILE);
    assert_int_equal(log_reader_at_time(reader, builder.received_us + 1, &seq), 0);
    assert_true(seq == UINT64_MAX);
}

static void reading_goes_on_as_the_log_grows_and_rolls(void **state)
{
    (void)state;
    struct log_cursor cursor = {.next_seq = head() - 10};
    assert_int_equal(read_through(&cursor, head()), 11);
    for (unsigned day = 0; day < 3; day++) {
        uint64_t before = head();
        log_builder_commit(&builder, log_file, 5);
        if (day == 1)
            assert_int_equal(read_through(&cursor, head()), 5);
        roll();
        log_builder_commit(&builder, log_file, 7);
        assert_int_equal(read_through(&cursor, head()), day == 1 ? head() - before - 5 : head() - before);
    }
}

static void a_file_that_gets_its_days_name_is_read_to_its_end(void **state)
{
    (void)state;
    struct log_cursor cursor = {.next_seq = 2 * EVENTS_IN_FILE + 1};
    assert_int_equal(read_through(&cursor, 2 * EVENTS_IN_FILE + 100), 100);
    log_builder_commit(&builder, log_file, 5);
    roll();
    log_builder_commit(&builder, log_file, 5);
    assert_int_equal(read_through(&cursor, head()), head() - 2 * EVENTS_IN_FILE - 100);
}

static void cursors_side_by_side_do_not_disturb_each_other(void **state)
{
    (void)state;
    struct log_cursor cursors[8];
    uint64_t counts[8] = {0};
    for (unsigned i = 0; i < 8; i++)
        cursors[i] = (struct log_cursor){.next_seq = 1 + i * 300};
    for (uint64_t limit = 1; limit <= head(); limit += 37) {
        for (unsigned i = 0; i < 8; i++)
            counts[i] += read_through(&cursors[i], limit);
    }
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(counts[i] + read_through(&cursors[i], head()), head() - i * 300);
}

static void a_line_longer_than_any_buffer_is_read(void **state)
{
    (void)state;
    static char summary[600000];
    memset(summary, 'x', sizeof summary - 1);
    uint64_t before = head();
    for (unsigned i = 0; i < 3; i++) {
        log_builder_follow(&builder, log_file_tail(log_file));
        log_builder_add(&builder, "large", summary);
        log_builder_add(&builder, "small", "x");
        assert_int_equal(log_builder_write(&builder, log_file), TOCSIN_OK);
    }
    struct log_cursor cursor = {.next_seq = before};
    assert_int_equal(read_through(&cursor, head()), 7);
    for (uint64_t seq = before; seq <= head(); seq++)
        assert_next_is(seq);
}

static void many_files_are_read_with_few_descriptors(void **state)
{
    (void)state;
    for (unsigned day = 0; day < 60; day++) {
        roll();
        log_builder_commit(&builder, log_file, 3);
    }
    struct log_cursor cursor = {.next_seq = 1};
    assert_int_equal(read_through(&cursor, head()), head());
    for (uint64_t seq = head(); seq > 0; seq -= seq > 3000 ? 1 : 100)
        assert_next_is(seq);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_files_are_read_in_order, make_log, drop_log),
        cmocka_unit_test_setup_teardown(every_seq_is_found, make_log, drop_log),
        cmocka_unit_test_setup_teardown(nothing_beyond_the_limit_is_read, make_log, drop_log),
        cmocka_unit_test_setup_teardown(the_first_line_at_or_after_a_time_is_found, make_log, drop_log),
        cmocka_unit_test_setup_teardown(reading_goes_on_as_the_log_grows_and_rolls, make_log, drop_log),
        cmocka_unit_test_setup_teardown(a_file_that_gets_its_days_name_is_read_to_its_end, make_log, drop_log),
        cmocka_unit_test_setup_teardown(cursors_side_by_side_do_not_disturb_each_other, make_log, drop_log),
        cmocka_unit_test_setup_teardown(a_line_longer_than_any_buffer_is_read, make_log, drop_log),
        cmocka_unit_test_setup_teardown(many_files_are_read_with_few_descriptors, make_log, drop_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
