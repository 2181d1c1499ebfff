/* Frames of live taken apart, good ones and hostile ones. */
#include "test_client_peer.h"

#include <stdlib.h>
#include <string.h>

#include "client/live_frame.h"

static struct event_judge *judge;
static struct text frame;

static int set_up(void **state)
{
    (void)state;
    judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    text_init(&frame);
    return judge ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    event_judge_free(&judge);
    text_fini(&frame);
    return 0;
}

static void assert_first_record(int expected)
{
    struct live_frame open;
    struct record record;
    assert_int_equal(live_frame_open(text_span(&frame), &open), TOCSIN_OK);
    assert_int_equal(live_frame_next(&open, judge, &record), expected);
}

static void several_records_are_read_in_order(void **state)
{
    (void)state;
    peer_topic(&frame, "S", "cam");
    for (uint64_t seq = 5; seq < 8; seq++)
        peer_record(&frame, seq, seq - 1, "Info", "S", "cam");
    struct live_frame open;
    struct record record;
    assert_int_equal(live_frame_open(text_span(&frame), &open), TOCSIN_OK);
    assert_int_equal(open.kind, LIVE_RECORDS);
    for (uint64_t seq = 5; seq < 8; seq++) {
        assert_int_equal(live_frame_next(&open, judge, &record), TOCSIN_OK);
        assert_int_equal(record.seq, seq);
        assert_true(span_is(record.event.source_id, "cam"));
    }
    assert_int_equal(live_frame_next(&open, judge, &record), TOCSIN_E_END);
}

static void a_record_of_another_topic_is_no_record(void **state)
{
    (void)state;
    peer_topic(&frame, "S", "cam");
    peer_record(&frame, 5, 0, "Info", "S", "cam2");
    assert_first_record(TOCSIN_E_PROTOCOL);
}

static void a_prev_that_is_not_before_is_no_record(void **state)
{
    (void)state;
    peer_topic(&frame, "S", "cam");
    peer_record(&frame, 5, 5, "Info", "S", "cam");
    assert_first_record(TOCSIN_E_PROTOCOL);
}

static void an_event_that_would_be_refused_is_no_record(void **state)
{
    (void)state;
    peer_topic(&frame, "S", "cam\x1b[2J");
    peer_record(&frame, 5, 0, "Info", "S", "cam\x1b[2J");
    assert_first_record(TOCSIN_E_PROTOCOL);
    text_clear(&frame);
    peer_topic(&frame, "S", "cam");
    peer_record(&frame, 5, 0, "Loud", "S", "cam");
    assert_first_record(TOCSIN_E_PROTOCOL);
}

static void a_frame_without_a_topic_is_no_frame(void **state)
{
    (void)state;
    struct live_frame open;
    uint8_t long_topic[300];
    memset(long_topic, 'x', sizeof long_topic);
    long_topic[299] = '\0';
    assert_int_equal(live_frame_open(span_of("", 0), &open), TOCSIN_E_PROTOCOL);
    assert_int_equal(live_frame_open(span_of("\0\x01", 2), &open), TOCSIN_E_PROTOCOL);
    assert_int_equal(live_frame_open(span_of("S/cam", 5), &open), TOCSIN_E_PROTOCOL);
    assert_int_equal(live_frame_open(span_of(long_topic, sizeof long_topic), &open), TOCSIN_E_PROTOCOL);
    assert_int_equal(live_frame_open(span_of("~news\0", 6), &open), TOCSIN_OK);
    assert_int_equal(open.kind, LIVE_UNKNOWN);
    assert_int_equal(live_frame_open(span_of("~\0", 2), &open), TOCSIN_OK);
    assert_int_equal(open.kind, LIVE_HEARTBEAT);
}

static void bytes_cut_anywhere_and_flipped_anywhere_are_survived(void **state)
{
    (void)state;
    peer_topic(&frame, "S", "cam");
    peer_record(&frame, 1, 0, "Info", "S", "cam");
    peer_record(&frame, 2, 1, "Info", "S", "cam");
    for (size_t len = 0; len < frame.len; len++) {
        for (unsigned bit = 0; bit < 9; bit++) { /* the ninth: only cut */
            uint8_t *copy = malloc(len + 1);     /* of its own length, so that the sanitizer sees a step beyond */
            assert_non_null(copy);
            memcpy(copy, frame.data, len);
            if (bit < 8 && len > 0)
                copy[len - 1] ^= (uint8_t)(1U << bit);
            struct live_frame open;
            struct record record;
            if (live_frame_open(span_of(copy, len), &open) == TOCSIN_OK) {
                while (live_frame_next(&open, judge, &record) == TOCSIN_OK)
                    assert_true(record.seq > record.prev);
            }
            free(copy);
        }
    }
}

static int read_heartbeat(const char *bytes, size_t len)
{
    struct heartbeat heartbeat;
    return heartbeat_read(span_of(bytes, len), &heartbeat);
}

static void only_a_heartbeat_of_version_1_is_one(void **state)
{
    (void)state;
    struct heartbeat heartbeat;
    assert_int_equal(heartbeat_read(span_of("\x94\x01\x2a\xa2id\x00", 7), &heartbeat), TOCSIN_OK);
    assert_int_equal(heartbeat.head, 42);
    assert_true(span_is(heartbeat.log_id, "id"));
    assert_int_equal(read_heartbeat("\x94\x02\x2a\xa2id\x00", 7), TOCSIN_E_PROTOCOL);
    assert_int_equal(read_heartbeat("\x93\x01\x2a\xa2id", 6), TOCSIN_E_PROTOCOL);
    assert_int_equal(read_heartbeat("\x94\x01\x2a\xa2id", 6), TOCSIN_E_PROTOCOL);
    assert_int_equal(read_heartbeat("\x94\x01\x2a\xa2id\x00\x00", 8), TOCSIN_E_PROTOCOL);
    assert_int_equal(read_heartbeat("\x94\x01\xff\xa2id\x00", 7), TOCSIN_E_PROTOCOL);
    assert_int_equal(read_heartbeat("\x94\x01\x2a\xa2\x1b[\x00", 7), TOCSIN_E_PROTOCOL);
    assert_int_equal(read_heartbeat("", 0), TOCSIN_E_PROTOCOL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(several_records_are_read_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_record_of_another_topic_is_no_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_prev_that_is_not_before_is_no_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_event_that_would_be_refused_is_no_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_frame_without_a_topic_is_no_frame, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bytes_cut_anywhere_and_flipped_anywhere_are_survived, set_up, tear_down),
        cmocka_unit_test(only_a_heartbeat_of_version_1_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
