/* The memory of the latest records, against a plain list of what was put in; and the table of sessions at its limits. */
#include "tests/test_support.h"

#include <stdio.h>

#include "broker/stream_table.h"
#include "broker/stream_tail.h"

#define CAPACITY 65536u

static struct stream_tail *tail;
static uint8_t frame_bytes[CAPACITY];

static int make_tail(void **state)
{
    (void)state;
    tail = stream_tail_new(CAPACITY);
    assert_non_null(tail);
    return 0;
}

static int drop_tail(void **state)
{
    (void)state;
    stream_tail_free(&tail);
    return 0;
}

/* A frame whose records are `len` bytes that depend on its last seq. */
static void add(uint64_t last_seq, uint32_t count, size_t len)
{
    int head = snprintf((char *)frame_bytes, sizeof frame_bytes, "t/%llu", (unsigned long long)last_seq) + 1;
    memset(frame_bytes + head, (int)(last_seq % 251), len);
    stream_tail_add(tail, span_of(frame_bytes, (size_t)head + len), last_seq, count);
}

static void assert_frame(const struct stream_frame *frame, uint64_t seq)
{
    char topic[32];
    assert_true(frame->first_seq <= seq && seq <= frame->last_seq);
    snprintf(topic, sizeof topic, "t/%llu", (unsigned long long)frame->last_seq);
    assert_span_equal(frame->topic, topic);
    for (size_t i = 0; i < frame->records.len; i++)
        assert_int_equal(frame->records.data[i], frame->last_seq % 251);
}

static void assert_held(void)
{
    struct stream_frame frame;
    uint64_t walk_at = 0;
    for (uint64_t seq = stream_tail_first(tail); seq <= stream_tail_last(tail); seq++) {
        uint64_t at = 0;
        stream_tail_find(tail, seq, &at, &frame);
        assert_frame(&frame, seq);
        stream_tail_find(tail, seq, &walk_at, &frame);
        assert_frame(&frame, seq);
        if (seq == frame.last_seq)
            walk_at = frame.next_at;
    }
}

static void an_empty_tail_holds_nothing(void **state)
{
    (void)state;
    assert_true(stream_tail_first(tail) > stream_tail_last(tail));
    assert_int_equal(stream_tail_last(tail), 0);
}

static void the_latest_are_held_and_the_oldest_make_room(void **state)
{
    (void)state;
    uint64_t seq = 0;
    for (unsigned i = 0; i < 5000; i++) {
        uint32_t count = (uint32_t)(1 + random_below(5));
        seq += count;
        add(seq, count, random_below(i % 7 == 0 ? 8000 : 300));
        assert_int_equal(stream_tail_last(tail), seq);
        assert_true(stream_tail_first(tail) <= seq);
        if (i % 50 == 0)
            assert_held();
    }
    assert_true(stream_tail_first(tail) > 1);
}

static void a_gap_drops_what_was_before_it(void **state)
{
    (void)state;
    add(5, 5, 100);
    add(10, 5, 100);
    assert_int_equal(stream_tail_first(tail), 1);
    add(20, 3, 100);
    assert_int_equal(stream_tail_first(tail), 18);
    assert_int_equal(stream_tail_last(tail), 20);
    assert_held();
}

static void a_frame_that_is_too_long_empties_the_tail_and_it_goes_on_behind(void **state)
{
    (void)state;
    add(5, 5, 100);
    add(6, 1, CAPACITY - 100);
    assert_int_equal(stream_tail_first(tail), 7);
    assert_int_equal(stream_tail_last(tail), 6);
    add(7, 1, 100);
    assert_int_equal(stream_tail_first(tail), 7);
    assert_held();
    stream_tail_add(tail, span_of_str("no NUL in it"), 8, 1);
    assert_true(stream_tail_first(tail) > stream_tail_last(tail));
}

static void what_is_dropped_is_gone_and_the_rest_stays(void **state)
{
    (void)state;
    uint64_t seq = 0;
    for (unsigned i = 0; i < 3000; i++) {
        seq += 2;
        add(seq, 2, random_below(600));
        uint64_t first = stream_tail_first(tail);
        if (i % 3 != 0)
            continue;
        uint64_t through = first + random_below(seq - first + 3) - 1;
        stream_tail_drop(tail, through);
        assert_int_equal(stream_tail_last(tail), seq);
        if (through >= seq)
            assert_int_equal(stream_tail_first(tail), seq + 1);
        else
            assert_true(stream_tail_first(tail) == through + 1 || stream_tail_first(tail) == through);
        assert_held();
    }
}

static void a_full_tail_of_which_nothing_is_old_stays_whole(void **state)
{
    (void)state;
    for (uint64_t seq = 1; seq <= 2000; seq++)
        add(seq, 1, 4096 - 32 - 7 - (seq < 10 ? 0 : seq < 100 ? 1 : seq < 1000 ? 2 : 3) + 2);
    assert_held();
    uint64_t first = stream_tail_first(tail);
    stream_tail_drop(tail, first - 1);
    assert_int_equal(stream_tail_first(tail), first);
    assert_held();
}

static void a_wrong_guess_at_a_place_does_no_harm(void **state)
{
    (void)state;
    struct stream_frame frame;
    uint64_t places[64], seq = 0;
    for (unsigned i = 0; i < 2000; i++) {
        add(++seq, 1, random_below(200));
        uint64_t at = 0;
        stream_tail_find(tail, seq, &at, &frame);
        places[i % 64] = i % 2 ? at : frame.next_at;
        uint64_t guess = places[random_below(i < 64 ? i + 1 : 64)];
        uint64_t wanted = stream_tail_first(tail) + random_below(seq - stream_tail_first(tail) + 1);
        stream_tail_find(tail, wanted, &guess, &frame);
        assert_frame(&frame, wanted);
    }
}

/* --- the table of sessions --- */

static struct span route_of(uint32_t number)
{
    static uint32_t route;
    route = number;
    return span_of(&route, sizeof route);
}

static void sessions_are_found_by_their_route_and_are_bounded(void **state)
{
    (void)state;
    struct stream_table *table = stream_table_new(7);
    for (uint32_t i = 0; i < STREAM_SESSIONS_MAX; i++) {
        struct session_terms terms = {.from = i};
        assert_non_null(stream_table_open(table, route_of(i), &terms, 1));
    }
    struct session_terms terms = {.from = 5};
    assert_null(stream_table_open(table, route_of(1000000), &terms, 1));
    for (uint32_t i = 0; i < STREAM_SESSIONS_MAX; i++)
        assert_int_equal(stream_table_find(table, route_of(i))->session.terms.from, i);
    assert_null(stream_table_find(table, route_of(1000000)));
    stream_table_close(table, stream_table_find(table, route_of(17)));
    assert_null(stream_table_find(table, route_of(17)));
    assert_non_null(stream_table_open(table, route_of(1000000), &terms, 1));
    assert_int_equal(stream_table_count(table), STREAM_SESSIONS_MAX);
    stream_table_free(&table);
}

static void an_open_on_the_same_route_takes_the_place_of_the_session(void **state)
{
    (void)state;
    struct span filter = span_of_str("a/");
    struct stream_table *table = stream_table_new(7);
    struct session_terms terms = {.from = 1, .topics = prefix_set_new(&filter, 1, false)};
    struct stream_entry *entry = stream_table_open(table, route_of(1), &terms, 1);
    session_add_credit(&entry->session, 1000);
    terms = (struct session_terms){.from = 9};
    assert_ptr_equal(stream_table_open(table, route_of(1), &terms, 1), entry);
    assert_int_equal(entry->session.credit, 0);
    assert_int_equal(entry->session.cursor.next_seq, 9);
    assert_true(session_wants_topic(&entry->session, span_of_str("b/")));
    assert_int_equal(stream_table_count(table), 1);
    stream_table_free(&table);
}

static void filters_of_all_sessions_together_are_bounded(void **state)
{
    (void)state;
    static const char prefix[200] = "x";
    static struct span filters[1000];
    for (size_t i = 0; i < 1000; i++)
        filters[i] = span_of(prefix, sizeof prefix);
    struct stream_table *table = stream_table_new(7);
    uint32_t count = 0;
    for (;; count++) {
        struct session_terms terms = {.from = 1, .topics = prefix_set_new(filters, 1000, false)};
        if (stream_table_open(table, route_of(count), &terms, 1))
            continue;
        prefix_set_free(&terms.topics);
        break;
    }
    assert_true(count > 50 && count < STREAM_SESSIONS_MAX);
    stream_table_close(table, stream_table_find(table, route_of(0)));
    struct session_terms terms = {.from = 1, .topics = prefix_set_new(filters, 1000, false)};
    assert_non_null(stream_table_open(table, route_of(0), &terms, 1));
    stream_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_tail_holds_nothing, make_tail, drop_tail),
        cmocka_unit_test_setup_teardown(the_latest_are_held_and_the_oldest_make_room, make_tail, drop_tail),
        cmocka_unit_test_setup_teardown(a_gap_drops_what_was_before_it, make_tail, drop_tail),
        cmocka_unit_test_setup_teardown(a_frame_that_is_too_long_empties_the_tail_and_it_goes_on_behind, make_tail,
                                        drop_tail),
        cmocka_unit_test_setup_teardown(what_is_dropped_is_gone_and_the_rest_stays, make_tail, drop_tail),
        cmocka_unit_test_setup_teardown(a_full_tail_of_which_nothing_is_old_stays_whole, make_tail, drop_tail),
        cmocka_unit_test_setup_teardown(a_wrong_guess_at_a_place_does_no_harm, make_tail, drop_tail),
        cmocka_unit_test(sessions_are_found_by_their_route_and_are_bounded),
        cmocka_unit_test(an_open_on_the_same_route_takes_the_place_of_the_session),
        cmocka_unit_test(filters_of_all_sessions_together_are_bounded),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
