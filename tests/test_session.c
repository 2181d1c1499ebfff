/* The rules of a session at the stream door, with the time in our hands. */
#include "tests/test_support.h"

#include "broker/session.h"

#define NOW UINT64_C(1000000000)

static struct session session;

static void open_with(struct session_terms terms)
{
    session_open(&session, &terms, NOW);
}

static int close_session(void **state)
{
    (void)state;
    session_close(&session);
    return 0;
}

static enum session_step next(uint64_t limit_seq)
{
    return session_next(&session, limit_seq, NOW);
}

static void a_session_is_told_that_it_is_open_without_credit_and_gets_nothing_else(void **state)
{
    (void)state;
    open_with((struct session_terms){.from = 1, .begins_with_latest = true, .follows = true});
    assert_int_equal(next(100), SESSION_OPENED);
    session.is_told_open = true;
    assert_int_equal(next(100), SESSION_WAITS);
    assert_int_equal(session_next(&session, 100, NOW + 10 * SESSION_BEAT_US), SESSION_WAITS);
    session_add_credit(&session, 0);
    assert_int_equal(next(100), SESSION_WAITS);
    session_add_credit(&session, 1);
    assert_int_equal(next(100), SESSION_LATEST);
    session.has_latest = true;
    assert_int_equal(next(100), SESSION_RECORDS);
}

static void one_that_follows_gets_a_beat_when_nothing_is_new_and_another_one_the_end(void **state)
{
    (void)state;
    open_with((struct session_terms){.from = 101, .follows = true});
    session.is_told_open = true;
    session_add_credit(&session, 1000);
    assert_int_equal(next(100), SESSION_WAITS);
    assert_int_equal(session_next(&session, 100, NOW + SESSION_BEAT_US - 1), SESSION_WAITS);
    assert_int_equal(session_next(&session, 100, NOW + SESSION_BEAT_US), SESSION_BEAT);
    session_sent_batch(&session, 20, NOW + SESSION_BEAT_US);
    assert_int_equal(session_next(&session, 100, NOW + SESSION_BEAT_US), SESSION_WAITS);
    assert_int_equal(session_next(&session, 101, NOW + SESSION_BEAT_US), SESSION_RECORDS);
    session.terms.follows = false;
    assert_int_equal(next(100), SESSION_ENDS);
    assert_int_equal(next(101), SESSION_RECORDS);
}

static void credit_is_spent_byte_by_byte_and_a_longer_record_makes_debts(void **state)
{
    (void)state;
    open_with((struct session_terms){.from = 1, .follows = true});
    session.is_told_open = true;
    session_add_credit(&session, 1000);
    assert_true(session_may_send(&session, 1000 - SESSION_BATCH_HEAD_MAX));
    assert_false(session_may_send(&session, 1001 - SESSION_BATCH_HEAD_MAX));
    session_sent_batch(&session, 1500, NOW); /* one record, longer than the credit */
    assert_int_equal(next(100), SESSION_WAITS);
    session_add_credit(&session, 500);
    assert_int_equal(next(100), SESSION_WAITS);
    session_add_credit(&session, 1);
    assert_int_equal(next(100), SESSION_RECORDS);
    assert_false(session_may_send(&session, 1));
}

static void credit_does_not_overflow(void **state)
{
    (void)state;
    open_with((struct session_terms){.from = 1});
    session_add_credit(&session, UINT64_MAX);
    assert_true(session.credit == INT64_MAX);
    session_add_credit(&session, UINT64_MAX);
    session_add_credit(&session, 1);
    assert_true(session.credit == INT64_MAX);
    assert_true(session_may_send(&session, SESSION_BATCH_MAX));
}

static void a_client_that_does_not_read_is_left_alone_ever_longer(void **state)
{
    (void)state;
    uint64_t now_us = NOW, last_us = 0;
    open_with((struct session_terms){.from = 1});
    session.is_told_open = true;
    session_add_credit(&session, 1000);
    for (unsigned i = 0; i < 10; i++) {
        session_pause(&session, now_us);
        uint64_t pause_us = session.retry_us - now_us;
        assert_true(pause_us >= last_us && pause_us > 0 && pause_us < 100000);
        assert_int_equal(session_next(&session, 10, now_us + pause_us - 1), SESSION_WAITS);
        assert_int_equal(session_next(&session, 10, now_us + pause_us), SESSION_RECORDS);
        now_us += pause_us;
        last_us = pause_us;
    }
    session_sent_batch(&session, 10, now_us);
    session_pause(&session, now_us);
    assert_true(session.retry_us - now_us < last_us);
}

static void sixty_seconds_of_silence_end_a_session(void **state)
{
    (void)state;
    open_with((struct session_terms){.from = 1});
    assert_false(session_is_silent(&session, NOW));
    assert_false(session_is_silent(&session, NOW + 60000000 - 1));
    assert_true(session_is_silent(&session, NOW + 60000000));
    session.heard_us = NOW + 5000000;
    assert_false(session_is_silent(&session, NOW + 60000000));
    assert_false(session_is_silent(&session, NOW)); /* heard within this turn */
}

static void level_is_a_minimum_and_types_are_whole(void **state)
{
    (void)state;
    struct span types[] = {span_of_str("StreamCreated"), span_of_str("StreamDeleted")};
    open_with((struct session_terms){.from = 1, .level = TOCSIN_LEVEL_TRACE});
    assert_true(session_wants_every_kind(&session));
    assert_true(session_wants_kind(&session, TOCSIN_LEVEL_TRACE, span_of_str("x")));
    open_with(
        (struct session_terms){.from = 1, .level = TOCSIN_LEVEL_WARNING, .types = prefix_set_new(types, 2, true)});
    assert_false(session_wants_every_kind(&session));
    assert_false(session_wants_kind(&session, TOCSIN_LEVEL_INFO, types[0]));
    assert_true(session_wants_kind(&session, TOCSIN_LEVEL_WARNING, types[0]));
    assert_true(session_wants_kind(&session, TOCSIN_LEVEL_ERROR, types[1]));
    assert_false(session_wants_kind(&session, TOCSIN_LEVEL_ERROR, span_of_str("StreamCreatedToo")));
    assert_false(session_wants_kind(&session, TOCSIN_LEVEL_ERROR, span_of_str("StreamCreate")));
}

/* --- the set of prefixes --- */

#define SPAN(literal) span_of("" literal, sizeof(literal) - 1)

static void prefixes_take_topics_as_the_protocol_says(void **state)
{
    (void)state;
    struct span filters[] = {SPAN("AppEvent/"), SPAN("StreamEvent/#default#app/cam\0"),
                             SPAN("StreamEvent/#default#app2/")};
    struct prefix_set *set = prefix_set_new(filters, 3, false);
    assert_true(prefix_set_has(set, SPAN("AppEvent/x")));
    assert_true(prefix_set_has(set, SPAN("AppEvent/")));
    assert_false(prefix_set_has(set, SPAN("AppEvent")));
    assert_true(prefix_set_has(set, SPAN("StreamEvent/#default#app/cam")));
    assert_false(prefix_set_has(set, SPAN("StreamEvent/#default#app/cam2")));
    assert_false(prefix_set_has(set, SPAN("StreamEvent/#default#app/ca")));
    assert_true(prefix_set_has(set, SPAN("StreamEvent/#default#app2/cam")));
    assert_false(prefix_set_has(set, SPAN("")));
    assert_false(prefix_set_has(set, SPAN("ZEvent/")));
    prefix_set_free(&set);
    assert_true(prefix_set_has(NULL, SPAN("anything")));
}

static void an_empty_prefix_takes_everything(void **state)
{
    (void)state;
    struct span filters[] = {SPAN("x"), SPAN("")};
    struct prefix_set *set = prefix_set_new(filters, 2, false);
    assert_true(prefix_set_has(set, SPAN("")));
    assert_true(prefix_set_has(set, SPAN("a")));
    assert_true(prefix_set_has(set, SPAN("x/y")));
    prefix_set_free(&set);
}

static bool has_plainly(const struct span *prefixes, size_t count, struct span text)
{
    uint8_t ended[16] = {0};
    memcpy(ended, text.data, text.len);
    for (size_t i = 0; i < count; i++) {
        if (prefixes[i].len <= text.len + 1 && memcmp(prefixes[i].data, ended, prefixes[i].len) == 0)
            return true;
    }
    return false;
}

/* Of few letters, so that prefixes cover and nearly cover each other. */
static struct span random_word(uint8_t *bytes, size_t len_max, uint64_t letters)
{
    size_t len = random_below(len_max + 1);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(random_below(letters) == 0 ? 0 : 'a' + random_below(2));
    return span_of(bytes, len);
}

static void a_set_agrees_with_looking_at_each_prefix(void **state)
{
    (void)state;
    static uint8_t bytes[40][8];
    struct span prefixes[40];
    for (unsigned round = 0; round < 2000; round++) {
        size_t count = 1 + random_below(40);
        for (size_t i = 0; i < count; i++)
            prefixes[i] = random_word(bytes[i], 8, 6);
        struct prefix_set *set = prefix_set_new(prefixes, count, false);
        for (unsigned i = 0; i < 50; i++) {
            uint8_t word[8];
            struct span text = random_word(word, 8, UINT64_MAX); /* without NUL */
            assert_int_equal(prefix_set_has(set, text), has_plainly(prefixes, count, text));
        }
        prefix_set_free(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_session_is_told_that_it_is_open_without_credit_and_gets_nothing_else,
                                  close_session),
        cmocka_unit_test_teardown(one_that_follows_gets_a_beat_when_nothing_is_new_and_another_one_the_end,
                                  close_session),
        cmocka_unit_test_teardown(credit_is_spent_byte_by_byte_and_a_longer_record_makes_debts, close_session),
        cmocka_unit_test_teardown(credit_does_not_overflow, close_session),
        cmocka_unit_test_teardown(a_client_that_does_not_read_is_left_alone_ever_longer, close_session),
        cmocka_unit_test_teardown(sixty_seconds_of_silence_end_a_session, close_session),
        cmocka_unit_test_teardown(level_is_a_minimum_and_types_are_whole, close_session),
        cmocka_unit_test(prefixes_take_topics_as_the_protocol_says),
        cmocka_unit_test(an_empty_prefix_takes_everything),
        cmocka_unit_test(a_set_agrees_with_looking_at_each_prefix),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
