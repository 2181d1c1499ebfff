/* Following over real sockets: an XPUB socket of the test stands where the broker's live is, so that it sees when the
 * subscriptions have come, and says exactly what arrives. */
#include "test_client_peer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "client/tocsin.h"

#define WAIT_MS      10000
#define NO_HEARTBEAT UINT64_MAX

struct broker {
    void *context;
    void *socket;
    char endpoint[PEER_ENDPOINT_MAX];
};

static struct broker broker;

static int set_up(void **state)
{
    (void)state;
    broker = (struct broker){.context = zmq_ctx_new()};
    broker.socket = peer_bind(broker.context, ZMQ_XPUB, broker.endpoint);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (broker.socket)
        zmq_close(broker.socket);
    zmq_ctx_term(broker.context);
    return 0;
}

/* Waits until the heartbeat's topic is subscribed, and thereby all others. */
static void await_subscriptions(void)
{
    char message[256];
    for (;;) {
        assert_true(peer_wait(broker.socket, WAIT_MS));
        int len = zmq_recv(broker.socket, message, sizeof message, 0);
        if (len == 3 && memcmp(message, "\x01~\0", 3) == 0)
            return;
    }
}

struct opening {
    const struct tocsin_subscriber_options *options;
    struct tocsin_subscriber *subscriber;
    int error;
};

static void *run_opening(void *argument)
{
    struct opening *opening = argument;
    opening->error = tocsin_subscriber_open(&opening->subscriber, opening->options);
    return NULL;
}

/* Opens in a thread, while this one is the broker: with an event of `early_seq` (0: none), and then a heartbeat that its log is at
 * `head`. */
static struct tocsin_subscriber *open_between(struct tocsin_subscriber_options options, uint64_t early_seq,
                                              uint64_t head)
{
    options.live = broker.endpoint;
    options.connect_timeout_ms = WAIT_MS;
    struct opening opening = {.options = &options};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_opening, &opening), 0);
    await_subscriptions();
    if (early_seq > 0)
        peer_send(broker.socket, early_seq, 0, "Error", "S", "early");
    if (head != NO_HEARTBEAT)
        peer_heartbeat(broker.socket, head, "log-1");
    pthread_join(thread, NULL);
    assert_int_equal(opening.error, TOCSIN_OK);
    return opening.subscriber;
}

static struct tocsin_subscriber *open_at(struct tocsin_subscriber_options options, uint64_t head)
{
    return open_between(options, 0, head);
}

static struct tocsin_message next(struct tocsin_subscriber *subscriber)
{
    struct tocsin_message message;
    assert_int_equal(tocsin_subscriber_next(subscriber, &message, WAIT_MS), TOCSIN_OK);
    return message;
}

static void assert_event(struct tocsin_subscriber *subscriber, uint64_t seq)
{
    struct tocsin_message message = next(subscriber);
    assert_int_equal(message.kind, TOCSIN_MESSAGE_EVENT);
    assert_int_equal(message.seq, seq);
}

static void assert_gap(struct tocsin_subscriber *subscriber, uint64_t first, uint64_t last, uint64_t at_least)
{
    struct tocsin_message message = next(subscriber);
    assert_int_equal(message.kind, TOCSIN_MESSAGE_GAP);
    assert_int_equal(message.first, first);
    assert_int_equal(message.last, last);
    assert_int_equal(message.at_least, at_least);
}

static void assert_text(struct tocsin_text text, const char *expected)
{
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.data, expected, text.len);
}

static void an_event_comes_with_all_that_it_has(void **state)
{
    (void)state;
    struct tocsin_subscriber *subscriber = open_at((struct tocsin_subscriber_options){0}, 6);
    struct text frame;
    text_init(&frame);
    peer_topic(&frame, "StreamEvent", "#default#app/cam");
    uint8_t head[RECORD_HEAD_MAX];
    text_put(&frame, head, record_write_head(head, 7, 3, 1700000000000007));
    struct tocsin_event *event = tocsin_event_new();
    const uint8_t *bytes;
    size_t len;
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "StreamEvent", "StreamCreated", "#default#app/cam", "A camera came");
    tocsin_event_set_cause(event, "BFrameDetected");
    tocsin_event_set_time(event, "2026-11-21T09:30:00.125+09:00");
    tocsin_event_snapshot_json(event, "{\"width\":1920,\"fps\":29.97}");
    assert_int_equal(tocsin_event_encode(event, &bytes, &len), TOCSIN_OK);
    text_put(&frame, bytes, len);
    zmq_send(broker.socket, frame.data, frame.len, 0);

    struct tocsin_message message = next(subscriber);
    assert_int_equal(message.kind, TOCSIN_MESSAGE_EVENT);
    assert_int_equal(message.seq, 7);
    assert_int_equal(message.prev, 3);
    assert_int_equal(message.received_us, 1700000000000007);
    assert_int_equal(message.level, TOCSIN_LEVEL_WARNING);
    assert_text(message.topic, "StreamEvent/#default#app/cam");
    assert_text(message.time, "2026-11-21T09:30:00.125+09:00");
    assert_text(message.category, "StreamEvent");
    assert_text(message.type, "StreamCreated");
    assert_text(message.source_id, "#default#app/cam");
    assert_text(message.summary, "A camera came");
    assert_text(message.cause, "BFrameDetected");
    assert_int_equal(message.event.len, len);
    assert_memory_equal(message.event.data, bytes, len);
    struct tocsin_text json;
    assert_int_equal(tocsin_subscriber_snapshot_json(subscriber, &json), TOCSIN_OK);
    assert_text(json, "{\"width\":1920,\"fps\":29.97}");
    assert_int_equal(tocsin_subscriber_event_json(subscriber, &json), TOCSIN_OK);
    assert_string_equal(
        json.data, "{\"seq\":7,\"received\":\"2023-11-14T22:13:20.000007Z\",\"time\":\"2026-11-21T09:30:00.125+09:00\","
                   "\"level\":\"Warning\",\"category\":\"StreamEvent\",\"type\":\"StreamCreated\",\"sourceId\":"
                   "\"#default#app/cam\",\"summary\":\"A camera came\",\"cause\":\"BFrameDetected\",\"snapshot\":"
                   "{\"width\":1920,\"fps\":29.97},\"prev\":3}");
    assert_int_equal(tocsin_subscriber_next(subscriber, &message, 0), TOCSIN_E_TIMEOUT);
    assert_int_equal(tocsin_subscriber_snapshot_json(subscriber, &json), TOCSIN_E_INVALID);
    tocsin_event_free(&event);
    text_fini(&frame);
    tocsin_subscriber_close(&subscriber);
    assert_null(subscriber);
}

static void with_several_topics_what_came_before_the_heartbeat_is_passed_over(void **state)
{
    (void)state;
    const struct tocsin_filter filters[] = {{TOCSIN_FILTER_CATEGORY, "A", NULL}, {TOCSIN_FILTER_CATEGORY, "S", NULL}};
    struct tocsin_subscriber_options options = {.filters = filters, .filter_count = 2};
    struct tocsin_subscriber *subscriber = open_between(options, 41, 41);
    peer_send(broker.socket, 42, 0, "Info", "S", "cam");
    assert_event(subscriber, 42);
    tocsin_subscriber_close(&subscriber);
}

static void with_one_topic_the_first_event_is_told_before_any_heartbeat_and_counting_begins_with_it(void **state)
{
    (void)state;
    struct tocsin_subscriber *subscriber = open_between((struct tocsin_subscriber_options){0}, 42, NO_HEARTBEAT);
    struct tocsin_message message = next(subscriber);
    assert_int_equal(message.kind, TOCSIN_MESSAGE_EVENT);
    assert_int_equal(message.seq, 42);
    assert_int_equal(message.log_id.len, 0);
    peer_send(broker.socket, 45, 0, "Info", "S", "cam");
    assert_gap(subscriber, 43, 44, 2);
    assert_event(subscriber, 45);
    peer_heartbeat(broker.socket, 46, "log-1");
    assert_gap(subscriber, 46, 46, 1);
    peer_send(broker.socket, 47, 0, "Info", "S", "cam");
    message = next(subscriber);
    assert_int_equal(message.seq, 47);
    assert_text(message.log_id, "log-1");
    tocsin_subscriber_close(&subscriber);

    struct tocsin_filter filter = {TOCSIN_FILTER_SOURCE, "S", "early"};
    struct tocsin_subscriber_options options = {.filters = &filter, .filter_count = 1};
    subscriber = open_between(options, 50, NO_HEARTBEAT);
    assert_event(subscriber, 50);
    peer_heartbeat(broker.socket, 60, "log-1");
    peer_send(broker.socket, 61, 55, "Info", "S", "early");
    assert_gap(subscriber, 51, 55, 1);
    assert_event(subscriber, 61);
    tocsin_subscriber_close(&subscriber);
}

static void where_no_broker_is_opening_tells(void **state)
{
    (void)state;
    struct tocsin_subscriber *subscriber;
    struct tocsin_subscriber_options options = {.live = broker.endpoint, .connect_timeout_ms = 50};
    assert_int_equal(tocsin_subscriber_open(&subscriber, &options), TOCSIN_E_UNREACHABLE); /* there, but silent */
    assert_null(subscriber);
    zmq_close(broker.socket);
    broker.socket = NULL;
    assert_int_equal(tocsin_subscriber_open(&subscriber, &options), TOCSIN_E_UNREACHABLE);
    options.live = "pigeon://post";
    assert_int_equal(tocsin_subscriber_open(&subscriber, &options), TOCSIN_E_INVALID);
    options = (struct tocsin_subscriber_options){.live = broker.endpoint, .connect_timeout_ms = TOCSIN_NOWAIT};
    assert_int_equal(tocsin_subscriber_open(&subscriber, &options), TOCSIN_E_INVALID);
}

static void a_frame_of_several_records_comes_one_by_one(void **state)
{
    (void)state;
    struct tocsin_subscriber *subscriber = open_at((struct tocsin_subscriber_options){0}, 10);
    struct text frame;
    text_init(&frame);
    peer_topic(&frame, "S", "cam");
    for (uint64_t seq = 11; seq < 500; seq++)
        peer_record(&frame, seq, seq - 1, "Info", "S", "cam");
    zmq_send(broker.socket, frame.data, frame.len, 0);
    peer_send(broker.socket, 500, 499, "Info", "S", "cam");
    for (uint64_t seq = 11; seq <= 500; seq++)
        assert_event(subscriber, seq);
    text_fini(&frame);
    tocsin_subscriber_close(&subscriber);
}

static void with_everything_subscribed_a_gap_is_told_exactly(void **state)
{
    (void)state;
    struct tocsin_subscriber *subscriber = open_at((struct tocsin_subscriber_options){0}, 100);
    peer_send(broker.socket, 101, 0, "Info", "S", "cam");
    peer_send(broker.socket, 105, 0, "Info", "S", "dog");
    peer_heartbeat(broker.socket, 108, "log-1");
    peer_send(broker.socket, 109, 101, "Info", "S", "cam");
    assert_event(subscriber, 101);
    assert_gap(subscriber, 102, 104, 3);
    assert_event(subscriber, 105);
    assert_gap(subscriber, 106, 108, 3);
    assert_event(subscriber, 109);
    tocsin_subscriber_close(&subscriber);
}

static void with_a_filter_a_gap_names_its_topic(void **state)
{
    (void)state;
    struct tocsin_filter filter = {TOCSIN_FILTER_SUBTREE, "S", "house"};
    struct tocsin_subscriber_options options = {.filters = &filter, .filter_count = 1};
    struct tocsin_subscriber *subscriber = open_at(options, 100);
    peer_send(broker.socket, 120, 80, "Info", "S", "house/cam");
    peer_send(broker.socket, 125, 0, "Info", "S", "household"); /* not ours: the socket does not even get it */
    peer_send(broker.socket, 140, 131, "Info", "S", "house/cam");
    peer_heartbeat(broker.socket, 1000, "log-1");
    peer_send(broker.socket, 1001, 140, "Info", "S", "house/cam");
    assert_event(subscriber, 120);
    struct tocsin_message message = next(subscriber);
    assert_int_equal(message.kind, TOCSIN_MESSAGE_GAP);
    assert_text(message.topic, "S/house/cam");
    assert_int_equal(message.first, 121);
    assert_int_equal(message.last, 131);
    assert_int_equal(message.at_least, 1);
    assert_event(subscriber, 140);
    assert_event(subscriber, 1001);
    tocsin_subscriber_close(&subscriber);
}

static void level_type_and_exclusion_are_this_sides_filters(void **state)
{
    (void)state;
    struct tocsin_filter wanted = {TOCSIN_FILTER_PREFIX, NULL, "c"}, excluded = {TOCSIN_FILTER_SOURCE, NULL, "cat"};
    const char *types[] = {"Other", "Happened"};
    struct tocsin_subscriber_options options = {.filters = &wanted,
                                                .filter_count = 1,
                                                .exclude = &excluded,
                                                .exclude_count = 1,
                                                .min_level = TOCSIN_LEVEL_WARNING,
                                                .types = types,
                                                .type_count = 2};
    struct tocsin_subscriber *subscriber = open_at(options, 0);
    peer_send(broker.socket, 1, 0, "Warning", "S", "cam");
    peer_send(broker.socket, 2, 1, "Info", "S", "cam");
    peer_send(broker.socket, 3, 0, "Error", "S", "cat");
    peer_send(broker.socket, 4, 0, "Error", "S", "dog");
    peer_send(broker.socket, 5, 0, "Error", "X", "cow");
    peer_send(broker.socket, 6, 2, "Error", "S", "cam"); /* its prev was passed over, not lost */
    assert_event(subscriber, 1);
    assert_event(subscriber, 5);
    assert_event(subscriber, 6);
    tocsin_subscriber_close(&subscriber);

    options.types = types;
    options.type_count = 1;
    subscriber = open_at(options, 6);
    peer_send(broker.socket, 7, 6, "Error", "S", "cam");
    struct tocsin_message message;
    assert_int_equal(tocsin_subscriber_next(subscriber, &message, 50), TOCSIN_E_TIMEOUT);
    tocsin_subscriber_close(&subscriber);
}

/* A subscription reaches a new broker when the library is called. Meanwhile it sends heartbeats, also where it hears of no
 * subscription because a connection that ends still has the same; the first message that comes of them is returned. */
static struct tocsin_message next_while_subscribing(struct tocsin_subscriber *subscriber, uint64_t head)
{
    struct tocsin_message message;
    int error = TOCSIN_E_TIMEOUT;
    for (int i = 0; i < WAIT_MS / 10 && error == TOCSIN_E_TIMEOUT; i++) {
        if (peer_wait(broker.socket, 1))
            zmq_recv(broker.socket, NULL, 0, 0);
        peer_heartbeat(broker.socket, head, "log-1");
        error = tocsin_subscriber_next(subscriber, &message, 10);
    }
    assert_int_equal(error, TOCSIN_OK);
    return message;
}

static void silence_ends_the_connection_and_a_heartbeat_restores_it(void **state)
{
    (void)state;
    struct tocsin_subscriber *subscriber =
        open_at((struct tocsin_subscriber_options){.heartbeat_timeout_ms = 2000}, 10);
    assert_int_equal(next(subscriber).kind, TOCSIN_MESSAGE_LOST);
    struct tocsin_message message = next_while_subscribing(subscriber, 15);
    assert_int_equal(message.kind, TOCSIN_MESSAGE_RESTORED);
    assert_int_equal(message.head, 15);
    assert_text(message.log_id, "log-1");
    assert_gap(subscriber, 11, 15, 5);
    peer_send(broker.socket, 16, 0, "Info", "S", "cam");
    assert_event(subscriber, 16);
    tocsin_subscriber_close(&subscriber);
}

static void a_broker_that_restarts_goes_on_where_it_was(void **state)
{
    (void)state;
    struct tocsin_subscriber *subscriber = open_at((struct tocsin_subscriber_options){0}, 10);
    zmq_close(broker.socket);
    broker.socket = peer_bind(broker.context, ZMQ_XPUB, broker.endpoint);
    struct tocsin_message message = next_while_subscribing(subscriber, 12);
    assert_int_equal(message.kind, TOCSIN_MESSAGE_GAP);
    assert_int_equal(message.first, 11);
    assert_int_equal(message.last, 12);
    assert_int_equal(message.at_least, 2);
    peer_send(broker.socket, 13, 0, "Info", "S", "cam");
    assert_event(subscriber, 13);
    tocsin_subscriber_close(&subscriber);
}

static void another_log_is_told_as_a_reset(void **state)
{
    (void)state;
    struct tocsin_subscriber *subscriber = open_at((struct tocsin_subscriber_options){0}, 10);
    peer_heartbeat(broker.socket, 99, "log-2");
    struct tocsin_message message = next(subscriber);
    assert_int_equal(message.kind, TOCSIN_MESSAGE_RESET);
    assert_int_equal(message.head, 99);
    assert_text(message.log_id, "log-2");
    peer_heartbeat(broker.socket, 3, "log-2");
    message = next(subscriber);
    assert_int_equal(message.kind, TOCSIN_MESSAGE_RESET);
    assert_int_equal(message.head, 3);
    peer_send(broker.socket, 4, 0, "Info", "S", "cam");
    assert_event(subscriber, 4);
    peer_send(broker.socket, 2, 0, "Info", "S", "cam");
    assert_int_equal(next(subscriber).kind, TOCSIN_MESSAGE_RESET);
    assert_event(subscriber, 2);
    tocsin_subscriber_close(&subscriber);
}

static void a_message_that_is_none_is_told_and_passed_over(void **state)
{
    (void)state;
    struct tocsin_subscriber *subscriber = open_at((struct tocsin_subscriber_options){0}, 10);
    struct tocsin_message message;
    zmq_send(broker.socket, "no topic", 8, 0);
    assert_int_equal(tocsin_subscriber_next(subscriber, &message, WAIT_MS), TOCSIN_E_PROTOCOL);
    zmq_send(broker.socket, "~\0\xc1", 3, 0);
    assert_int_equal(tocsin_subscriber_next(subscriber, &message, WAIT_MS), TOCSIN_E_PROTOCOL);
    zmq_send(broker.socket, "~future\0anything", 16, 0);
    peer_send(broker.socket, 11, 0, "Info", "S", "cam");
    assert_event(subscriber, 11);
    uint64_t seed = 0x5eed;
    for (unsigned i = 0; i < 2000; i++) {
        uint8_t noise[64] = "S/cam";
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        size_t len = 6 + (seed >> 33) % 58;
        for (size_t j = 6; j < len; j++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            noise[j] = (uint8_t)(seed >> 56);
        }
        zmq_send(broker.socket, noise, len, 0);
    }
    peer_send(broker.socket, 12, 11, "Info", "S", "cam");
    int error;
    unsigned faults = 0;
    while ((error = tocsin_subscriber_next(subscriber, &message, WAIT_MS)) == TOCSIN_E_PROTOCOL)
        faults++;
    assert_int_equal(error, TOCSIN_OK);
    assert_int_equal(message.seq, 12);
    assert_true(faults > 1900);
    tocsin_subscriber_close(&subscriber);
}

static void on_alarm(int signal)
{
    (void)signal;
}

static void a_signal_interrupts_the_wait(void **state)
{
    (void)state;
    struct tocsin_subscriber *subscriber = open_at((struct tocsin_subscriber_options){0}, 10);
    struct sigaction action = {.sa_handler = on_alarm}, before;
    sigaction(SIGALRM, &action, &before);
    struct itimerval timer = {{0, 20000}, {0, 20000}}, off = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &timer, NULL);
    struct tocsin_message message;
    assert_int_equal(tocsin_subscriber_next(subscriber, &message, WAIT_MS), TOCSIN_E_INTERRUPTED);
    setitimer(ITIMER_REAL, &off, NULL);
    sigaction(SIGALRM, &before, NULL);
    peer_send(broker.socket, 11, 0, "Info", "S", "cam");
    assert_event(subscriber, 11);
    tocsin_subscriber_close(&subscriber);
}

static int count_to_three(void *context, const struct tocsin_message *message)
{
    unsigned *count = context;
    assert_int_equal(message->kind, TOCSIN_MESSAGE_EVENT);
    return ++*count == 3 ? 42 : 0;
}

static void run_goes_on_until_the_callback_has_enough(void **state)
{
    (void)state;
    struct tocsin_subscriber *subscriber = open_at((struct tocsin_subscriber_options){0}, 10);
    for (uint64_t seq = 11; seq < 16; seq++)
        peer_send(broker.socket, seq, 0, "Info", "S", "cam");
    unsigned count = 0;
    assert_int_equal(tocsin_subscriber_run(subscriber, count_to_three, &count), 42);
    assert_event(subscriber, 14);
    tocsin_subscriber_close(&subscriber);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_event_comes_with_all_that_it_has, set_up, tear_down),
        cmocka_unit_test_setup_teardown(with_several_topics_what_came_before_the_heartbeat_is_passed_over, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            with_one_topic_the_first_event_is_told_before_any_heartbeat_and_counting_begins_with_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(where_no_broker_is_opening_tells, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_frame_of_several_records_comes_one_by_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(with_everything_subscribed_a_gap_is_told_exactly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(with_a_filter_a_gap_names_its_topic, set_up, tear_down),
        cmocka_unit_test_setup_teardown(level_type_and_exclusion_are_this_sides_filters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(silence_ends_the_connection_and_a_heartbeat_restores_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_broker_that_restarts_goes_on_where_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_log_is_told_as_a_reset, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_message_that_is_none_is_told_and_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_signal_interrupts_the_wait, set_up, tear_down),
        cmocka_unit_test_setup_teardown(run_goes_on_until_the_callback_has_enough, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
