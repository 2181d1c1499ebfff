/* Publishing over real sockets: a SUB socket of the test stands where the broker's ingest is, read by a thread that
 * keeps every frame, and that can be taken away and brought back. */
#include "test_client_peer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "client/clock.h"
#include "client/collector.h"
#include "client/tocsin.h"

#define WAIT_MS 10000

struct sink {
    void *context;
    void *socket;
    char endpoint[PEER_ENDPOINT_MAX];
    pthread_t thread;
    pthread_mutex_t lock;
    bool is_stopping;
    struct text events; /* all frames, one behind the other */
    unsigned frames;
};

static struct sink sink;

static void *run_sink(void *argument)
{
    (void)argument;
    for (;;) {
        pthread_mutex_lock(&sink.lock);
        bool is_stopping = sink.is_stopping;
        pthread_mutex_unlock(&sink.lock);
        if (is_stopping)
            return NULL;
        if (!peer_wait(sink.socket, 5))
            continue;
        zmq_msg_t message;
        zmq_msg_init(&message);
        zmq_msg_recv(&message, sink.socket, 0);
        pthread_mutex_lock(&sink.lock);
        text_put(&sink.events, zmq_msg_data(&message), zmq_msg_size(&message));
        sink.frames++;
        pthread_mutex_unlock(&sink.lock);
        zmq_msg_close(&message);
    }
}

static void start_sink(void)
{
    sink.is_stopping = false;
    sink.context = zmq_ctx_new();
    sink.socket = peer_bind(sink.context, ZMQ_SUB, sink.endpoint);
    assert_int_equal(pthread_create(&sink.thread, NULL, run_sink, NULL), 0);
}

static void stop_sink(void)
{
    pthread_mutex_lock(&sink.lock);
    sink.is_stopping = true;
    pthread_mutex_unlock(&sink.lock);
    pthread_join(sink.thread, NULL);
    zmq_close(sink.socket);
    zmq_ctx_term(sink.context); /* waits until the port is closed */
    sink.socket = NULL;
}

static int set_up(void **state)
{
    (void)state;
    sink = (struct sink){.frames = 0};
    pthread_mutex_init(&sink.lock, NULL);
    start_sink();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (sink.socket)
        stop_sink();
    pthread_mutex_destroy(&sink.lock);
    text_fini(&sink.events);
    return 0;
}

static size_t count_values(struct span bytes)
{
    struct wire_reader reader = wire_reader_of(bytes);
    size_t count = 0;
    while (reader.at < reader.end) {
        assert_true(wire_skip(&reader));
        count++;
    }
    return count;
}

/* Waits until so many events are there. */
static void assert_arrive(size_t expected)
{
    size_t count = 0;
    for (int waited_ms = 0; waited_ms < WAIT_MS; waited_ms += 2) {
        pthread_mutex_lock(&sink.lock);
        count = count_values(text_span(&sink.events));
        pthread_mutex_unlock(&sink.lock);
        if (count >= expected)
            break;
        zmq_poll(NULL, 0, 2);
    }
    assert_int_equal(count, expected);
}

/* The summaries of all events are "PREFIX 0", "PREFIX 1" …, without a gap; others are passed over. */
static void assert_in_order(const char *prefix, size_t expected)
{
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    struct span rest = text_span(&sink.events);
    size_t count = 0;
    while (rest.len > 0) {
        struct event event;
        struct refusal refusal;
        size_t used = event_judge(judge, rest, &event, &refusal);
        assert_int_equal(refusal.code, TOCSIN_ACCEPTED);
        rest = span_of(rest.data + used, rest.len - used);
        if (event.summary.len < strlen(prefix) || memcmp(event.summary.data, prefix, strlen(prefix)) != 0)
            continue;
        char summary[64];
        snprintf(summary, sizeof summary, "%s %zu", prefix, count++);
        assert_true(span_is(event.summary, summary));
    }
    assert_int_equal(count, expected);
    event_judge_free(&judge);
}

static struct tocsin_publisher *open_with(struct tocsin_publisher_options options)
{
    struct tocsin_publisher *publisher;
    options.ingest = sink.endpoint;
    assert_int_equal(tocsin_publisher_open(&publisher, &options), TOCSIN_OK);
    return publisher;
}

static int publish_numbered(struct tocsin_publisher *publisher, struct tocsin_event *event, const char *prefix,
                            size_t number)
{
    char summary[64];
    snprintf(summary, sizeof summary, "%s %zu", prefix, number);
    tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "StreamCreated", "#default#app/cam", summary);
    return tocsin_publish(publisher, event);
}

static void publish_many(struct tocsin_publisher *publisher, const char *prefix, size_t first, size_t end)
{
    struct tocsin_event *event = tocsin_event_new();
    for (size_t i = first; i < end; i++)
        assert_int_equal(publish_numbered(publisher, event, prefix, i), TOCSIN_OK);
    tocsin_event_free(&event);
}

static void the_first_event_is_never_lost(void **state)
{
    (void)state;
    for (size_t i = 0; i < 25; i++) {
        struct tocsin_publisher *publisher = open_with((struct tocsin_publisher_options){0});
        publish_many(publisher, "first", i, i + 1);
        uint64_t unsent = 99;
        assert_int_equal(tocsin_publisher_close(&publisher, &unsent), TOCSIN_OK);
        assert_int_equal(unsent, 0);
        assert_null(publisher);
    }
    assert_arrive(25);
}

static void a_lone_event_waits_for_nothing(void **state)
{
    (void)state;
    struct tocsin_publisher *publisher = open_with((struct tocsin_publisher_options){0});
    struct tocsin_publisher_stats stats;
    publish_many(publisher, "lone", 0, 1);
    tocsin_publisher_stats(publisher, &stats);
    assert_int_equal(stats.events, 1);
    assert_int_equal(stats.frames, 1);
    tocsin_publisher_close(&publisher, NULL);
}

static void a_burst_travels_in_few_frames(void **state)
{
    (void)state;
    struct tocsin_publisher *publisher = open_with((struct tocsin_publisher_options){0});
    int64_t began_us = clock_now_us();
    publish_many(publisher, "burst", 0, 10000);
    assert_int_equal(tocsin_publisher_flush(publisher, WAIT_MS), TOCSIN_OK);
    int64_t took_us = clock_now_us() - began_us;
    struct tocsin_publisher_stats stats;
    tocsin_publisher_stats(publisher, &stats);
    assert_int_equal(stats.events, 10000);
    assert_int_equal(stats.waiting, 0);
    assert_arrive(10000);
    assert_in_order("burst", 10000);
    assert_int_equal(sink.frames, stats.frames);
    print_message("10000 events in %u frames\n", sink.frames);
    /* the first, those that were full, and one for each wait */
    assert_true(sink.frames <= 2 + 10000 * 200 / COLLECTOR_FRAME_MAX + took_us / COLLECTOR_WAIT_US);
    tocsin_publisher_close(&publisher, NULL);
}

static void what_was_collected_leaves_by_itself(void **state)
{
    (void)state;
    struct tocsin_publisher *publisher = open_with((struct tocsin_publisher_options){0});
    publish_many(publisher, "self", 0, 50);
    assert_arrive(50);
    assert_in_order("self", 50);
    tocsin_publisher_close(&publisher, NULL);
}

static void without_collecting_each_event_has_its_frame(void **state)
{
    (void)state;
    struct tocsin_publisher *publisher = open_with((struct tocsin_publisher_options){.collects_nothing = true});
    publish_many(publisher, "single", 0, 100);
    assert_arrive(100);
    assert_int_equal(sink.frames, 100);
    tocsin_publisher_close(&publisher, NULL);
}

static void a_refused_event_is_not_sent(void **state)
{
    (void)state;
    struct tocsin_publisher *publisher = open_with((struct tocsin_publisher_options){.max_event_bytes = 200});
    struct tocsin_event *event = tocsin_event_new();
    tocsin_event_set(event, TOCSIN_LEVEL_INFO, "no category", "T", "s", "x");
    assert_int_equal(tocsin_publish(publisher, event), TOCSIN_E_REFUSED);
    tocsin_event_set(event, TOCSIN_LEVEL_INFO, "C", "T", "s", "x");
    tocsin_event_array_begin(event, 2);
    assert_int_equal(tocsin_publish(publisher, event), TOCSIN_E_INVALID);
    char summary[200];
    memset(summary, 'x', sizeof summary - 1);
    summary[sizeof summary - 1] = '\0';
    tocsin_event_set(event, TOCSIN_LEVEL_INFO, "C", "T", "s", summary);
    assert_int_equal(tocsin_publish(publisher, event), TOCSIN_E_REFUSED);
    assert_int_equal(publish_numbered(publisher, event, "good", 0), TOCSIN_OK);
    assert_int_equal(tocsin_publisher_close(&publisher, NULL), TOCSIN_OK);
    assert_arrive(1);
    tocsin_event_free(&event);
}

static void where_no_broker_is_opening_tells(void **state)
{
    (void)state;
    stop_sink();
    struct tocsin_publisher *publisher = (struct tocsin_publisher *)&sink;
    struct tocsin_publisher_options options = {.ingest = sink.endpoint, .connect_timeout_ms = 50};
    assert_int_equal(tocsin_publisher_open(&publisher, &options), TOCSIN_E_UNREACHABLE);
    assert_null(publisher);
    options.ingest = "tcp://nowhere";
    assert_int_equal(tocsin_publisher_open(&publisher, &options), TOCSIN_E_INVALID);
    options.ingest = "carrier-pigeon";
    assert_int_equal(tocsin_publisher_open(&publisher, &options), TOCSIN_E_INVALID);
}

static void opened_without_waiting_it_sends_when_the_broker_comes(void **state)
{
    (void)state;
    stop_sink();
    struct tocsin_publisher_options options = {.connect_timeout_ms = TOCSIN_NOWAIT, .send_timeout_ms = WAIT_MS};
    struct tocsin_publisher *publisher = open_with(options);
    publish_many(publisher, "early", 0, 10);
    start_sink();
    publish_many(publisher, "early", 10, 20);
    assert_int_equal(tocsin_publisher_close(&publisher, NULL), TOCSIN_OK);
    assert_arrive(20);
    assert_in_order("early", 20);
}

static void events_wait_while_the_broker_is_away(void **state)
{
    (void)state;
    struct tocsin_publisher *publisher = open_with((struct tocsin_publisher_options){0});
    publish_many(publisher, "away", 0, 10);
    assert_int_equal(tocsin_publisher_flush(publisher, WAIT_MS), TOCSIN_OK);
    assert_arrive(10);
    stop_sink();
    /* Let the connection's end be seen, so that nothing is under way when it breaks: that could be lost. */
    publish_many(publisher, "probe", 0, 1);
    while (tocsin_publisher_flush(publisher, 20) == TOCSIN_OK)
        publish_many(publisher, "probe", 0, 1);
    publish_many(publisher, "away", 10, 2000);
    assert_int_equal(tocsin_publisher_flush(publisher, 0), TOCSIN_E_TIMEOUT);
    start_sink();
    assert_int_equal(tocsin_publisher_close(&publisher, NULL), TOCSIN_OK);
    for (int waited_ms = 0; waited_ms < WAIT_MS; waited_ms += 2) {
        pthread_mutex_lock(&sink.lock);
        bool is_last_there = sink.events.len > 9 && memcmp(sink.events.data + sink.events.len - 9, "away 1999", 9) == 0;
        pthread_mutex_unlock(&sink.lock);
        if (is_last_there)
            break;
        zmq_poll(NULL, 0, 2);
    }
    stop_sink();
    assert_in_order("away", 2000);
}

static void the_queue_is_bounded_and_what_was_never_sent_is_counted(void **state)
{
    (void)state;
    struct tocsin_publisher_options options = {
        .queue_bytes = 300000, .send_timeout_ms = TOCSIN_NOWAIT, .close_timeout_ms = TOCSIN_NOWAIT};
    struct tocsin_publisher *publisher = open_with(options);
    stop_sink();
    struct tocsin_event *event = tocsin_event_new();
    publish_numbered(publisher, event, "probe", 0);
    while (tocsin_publisher_flush(publisher, 20) == TOCSIN_OK)
        publish_numbered(publisher, event, "probe", 0);
    struct tocsin_publisher_stats before, after;
    tocsin_publisher_stats(publisher, &before);
    size_t taken = 0, bytes = 0;
    int error;
    while ((error = publish_numbered(publisher, event, "full", taken)) == TOCSIN_OK && taken < 100000) {
        size_t len;
        tocsin_event_encode(event, NULL, &len);
        bytes += len;
        taken++;
    }
    assert_int_equal(error, TOCSIN_E_FULL);
    assert_in_range(bytes, 300000 - 65536 / 2, 300000 + 65536);
    tocsin_publisher_stats(publisher, &after);
    assert_int_equal(after.waiting, before.waiting + taken);
    uint64_t unsent;
    assert_int_equal(tocsin_publisher_close(&publisher, &unsent), TOCSIN_E_TIMEOUT);
    assert_int_equal(unsent, before.waiting + taken);
    tocsin_event_free(&event);
}

/* Publishes until the result is the expected one; meanwhile the broker's socket gets to work. */
static void publish_until(struct tocsin_publisher *publisher, void *broker, int expected)
{
    struct tocsin_event *event = tocsin_event_new();
    int error = publish_numbered(publisher, event, "held", 0);
    for (int waited_ms = 0; error != expected && waited_ms < WAIT_MS; waited_ms += 5) {
        if (peer_wait(broker, 5))
            zmq_recv(broker, NULL, 0, 0);
        error = publish_numbered(publisher, event, "held", 0);
    }
    assert_int_equal(error, expected);
    tocsin_event_free(&event);
}

static void a_subscription_taken_back_holds_events_back(void **state)
{
    (void)state;
    stop_sink();
    void *context = zmq_ctx_new();
    void *broker = peer_bind(context, ZMQ_XSUB, sink.endpoint);
    struct tocsin_publisher *publisher = open_with((struct tocsin_publisher_options){
        .connect_timeout_ms = TOCSIN_NOWAIT, .send_timeout_ms = TOCSIN_NOWAIT, .collects_nothing = true});
    publish_until(publisher, broker, TOCSIN_E_UNREACHABLE);
    assert_int_equal(zmq_send(broker, "\x01", 1, 0), 1);
    publish_until(publisher, broker, TOCSIN_OK);
    assert_int_equal(zmq_send(broker, "\x00", 1, 0), 1);
    publish_until(publisher, broker, TOCSIN_E_UNREACHABLE);
    uint64_t unsent;
    assert_int_equal(tocsin_publisher_close(&publisher, &unsent), TOCSIN_OK); /* what was not taken is not unsent */
    assert_int_equal(unsent, 0);
    zmq_close(broker);
    zmq_ctx_term(context);
}

struct writer {
    struct tocsin_publisher *publisher;
    const char *prefix;
};

static void *run_writer(void *argument)
{
    struct writer *writer = argument;
    publish_many(writer->publisher, writer->prefix, 0, 5000);
    return NULL;
}

static void several_threads_share_a_handle(void **state)
{
    (void)state;
    struct writer writers[] = {{NULL, "one"}, {NULL, "two"}, {NULL, "three"}};
    struct tocsin_publisher *publisher = open_with((struct tocsin_publisher_options){0});
    pthread_t threads[3];
    for (size_t i = 0; i < 3; i++) {
        writers[i].publisher = publisher;
        assert_int_equal(pthread_create(&threads[i], NULL, run_writer, &writers[i]), 0);
    }
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(tocsin_publisher_close(&publisher, NULL), TOCSIN_OK);
    assert_arrive(15000);
    for (size_t i = 0; i < 3; i++)
        assert_in_order(writers[i].prefix, 5000);
}

static void a_large_event_travels_whole(void **state)
{
    (void)state;
    size_t len = 1000000;
    char *value = malloc(len);
    assert_non_null(value);
    memset(value, 'x', len);
    struct tocsin_publisher *publisher = open_with((struct tocsin_publisher_options){.queue_bytes = 1000});
    struct tocsin_event *event = tocsin_event_new();
    publish_many(publisher, "before", 0, 5);
    for (int i = 0; i < 3; i++) {
        tocsin_event_set(event, TOCSIN_LEVEL_INFO, "C", "T", "s", "large");
        tocsin_event_strn(event, value, len);
        assert_int_equal(tocsin_publish(publisher, event), TOCSIN_OK);
    }
    publish_many(publisher, "after", 0, 5);
    assert_int_equal(tocsin_publisher_close(&publisher, NULL), TOCSIN_OK);
    assert_arrive(13);
    assert_in_order("after", 5);
    tocsin_event_free(&event);
    free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_event_is_never_lost, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lone_event_waits_for_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_burst_travels_in_few_frames, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_collected_leaves_by_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_collecting_each_event_has_its_frame, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refused_event_is_not_sent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(where_no_broker_is_opening_tells, set_up, tear_down),
        cmocka_unit_test_setup_teardown(opened_without_waiting_it_sends_when_the_broker_comes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(events_wait_while_the_broker_is_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_queue_is_bounded_and_what_was_never_sent_is_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_subscription_taken_back_holds_events_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(several_threads_share_a_handle, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_large_event_travels_whole, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
