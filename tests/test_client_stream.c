/* A stream over real sockets: a ROUTER socket of the test stands where the broker's stream door is, and says exactly
 * what arrives; and the messages by themselves, good ones and hostile ones. */
#include "test_client_peer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/stream_answer.h"
#include "client/stream_encode.h"
#include "client/tocsin_stream.h"

#define WAIT_MS   10000
#define ROUTE_MAX 64
#define LOG_ID    "0123456789abcdef0123456789abcdef"
#define OTHER_ID  "fedcba9876543210fedcba9876543210"

struct broker {
    void *context;
    void *socket;
    char endpoint[PEER_ENDPOINT_MAX];
    uint8_t route[ROUTE_MAX];
    size_t route_len;
    struct text out;
    struct text in;
};

static struct broker broker;

static int set_up(void **state)
{
    (void)state;
    broker = (struct broker){.context = zmq_ctx_new()};
    broker.socket = peer_bind(broker.context, ZMQ_ROUTER, broker.endpoint);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    zmq_close(broker.socket);
    zmq_ctx_term(broker.context);
    text_fini(&broker.out);
    text_fini(&broker.in);
    return 0;
}

/* --- the broker's side --- */

/* Waits for a message that begins with the verb; others are passed over. Returns a reader behind the verb. */
static struct wire_reader await(const char *verb)
{
    for (;;) {
        assert_true(peer_wait(broker.socket, WAIT_MS));
        int route_len = zmq_recv(broker.socket, broker.route, sizeof broker.route, 0);
        assert_true(route_len > 0 && route_len <= ROUTE_MAX);
        broker.route_len = (size_t)route_len;
        text_clear(&broker.in);
        assert_true(text_reserve(&broker.in, 65536));
        int len = zmq_recv(broker.socket, broker.in.data, 65536, 0);
        assert_true(len > 0 && len <= 65536);
        broker.in.len = (size_t)len;
        struct wire_reader reader = wire_reader_of(text_span(&broker.in));
        uint32_t count;
        struct span word = {NULL, 0};
        assert_true(wire_read_array(&reader, &count) && wire_read_str(&reader, &word));
        if (span_is(word, verb))
            return reader;
    }
}

static void begin(uint32_t count, const char *verb)
{
    text_clear(&broker.out);
    wire_write_array(&broker.out, count);
    wire_write_str(&broker.out, span_of_str(verb));
}

static void send_out(void)
{
    assert_true(zmq_send(broker.socket, broker.route, broker.route_len, ZMQ_SNDMORE) >= 0);
    assert_true(zmq_send(broker.socket, broker.out.data, broker.out.len, 0) >= 0);
}

static void send_opened(const char *log_id, uint64_t from, uint64_t head)
{
    begin(5, "opened");
    wire_write_uint(&broker.out, 1);
    wire_write_str(&broker.out, span_of_str(log_id));
    wire_write_uint(&broker.out, from);
    wire_write_uint(&broker.out, head);
    send_out();
}

/* A batch of the records first … last, and `upto`; first 0: none. */
static void send_batch(uint64_t first, uint64_t last, uint64_t upto)
{
    begin(3, "batch");
    wire_write_uint(&broker.out, upto);
    wire_write_array(&broker.out, first ? (uint32_t)(last - first + 1) : 0);
    for (uint64_t seq = first; first && seq <= last; seq++)
        peer_record(&broker.out, seq, seq - 1, seq % 2 ? "Info" : "Error", "S", "cam");
    send_out();
}

static void send_pair(const char *verb, uint64_t one, uint64_t two)
{
    begin(two ? 3 : 2, verb);
    wire_write_uint(&broker.out, one);
    if (two)
        wire_write_uint(&broker.out, two);
    send_out();
}

static void send_error(const char *code)
{
    begin(3, "error");
    wire_write_str(&broker.out, span_of_str(code));
    wire_write_str(&broker.out, span_of_str("because"));
    send_out();
}

/* The `from` of an open, where it is a seq; else 0. */
static uint64_t await_open(void)
{
    struct wire_reader reader = await("open");
    uint64_t version, from = 0;
    uint32_t count;
    struct span key = {NULL, 0};
    assert_true(wire_read_uint(&reader, &version) && wire_read_map(&reader, &count) && wire_read_str(&reader, &key));
    assert_true(span_is(key, "from"));
    wire_read_uint(&reader, &from);
    return from;
}

static uint64_t await_credit(void)
{
    struct wire_reader reader = await("credit");
    uint64_t bytes = 0;
    assert_true(wire_read_uint(&reader, &bytes));
    return bytes;
}

/* --- the client's side --- */

struct opening {
    struct tocsin_stream_options options;
    struct tocsin_stream *stream;
    int error;
};

static void *run_opening(void *argument)
{
    struct opening *opening = argument;
    opening->error = tocsin_stream_open(&opening->stream, &opening->options);
    return NULL;
}

/* Opens in a thread, while this one is the broker; credit has come then. */
static struct tocsin_stream *open_at(struct tocsin_stream_options options, uint64_t from, uint64_t head)
{
    struct opening opening = {.options = options};
    opening.options.stream = broker.endpoint;
    opening.options.connect_timeout_ms = WAIT_MS;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_opening, &opening), 0);
    await_open();
    send_opened(LOG_ID, from, head);
    pthread_join(thread, NULL);
    assert_int_equal(opening.error, TOCSIN_OK);
    assert_true(await_credit() > 0);
    return opening.stream;
}

static struct tocsin_message next(struct tocsin_stream *stream)
{
    struct tocsin_message message;
    int error;
    do { /* what was not understood is asked for again */
        error = tocsin_stream_next(stream, &message, WAIT_MS);
    } while (error == TOCSIN_E_PROTOCOL);
    assert_int_equal(error, TOCSIN_OK);
    return message;
}

static void assert_event(struct tocsin_stream *stream, uint64_t seq)
{
    struct tocsin_message message = next(stream);
    assert_int_equal(message.kind, TOCSIN_MESSAGE_EVENT);
    assert_int_equal(message.seq, seq);
    assert_int_equal(tocsin_stream_cursor(stream), seq);
}

static void assert_nothing(struct tocsin_stream *stream, int expected)
{
    struct tocsin_message message;
    assert_int_equal(tocsin_stream_next(stream, &message, 200), expected);
}

/* Lets the client run until it opens again, which happens within tocsin_stream_next only. */
struct running {
    struct tocsin_stream *stream;
    struct tocsin_message message;
    int error;
};

static void *run_next(void *argument)
{
    struct running *running = argument;
    do {
        running->error = tocsin_stream_next(running->stream, &running->message, WAIT_MS);
    } while (running->error == TOCSIN_E_PROTOCOL);
    return NULL;
}

/* The broker did something that ends the session: it must be opened again from `from` on, and go on with it. */
static void assert_opens_again(struct tocsin_stream *stream, uint64_t from)
{
    struct running running = {.stream = stream};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_next, &running), 0);
    assert_int_equal(await_open(), from);
    send_opened(LOG_ID, from, from + 100);
    await_credit();
    send_batch(from, from, from);
    pthread_join(thread, NULL);
    assert_int_equal(running.error, TOCSIN_OK);
    assert_int_equal(running.message.kind, TOCSIN_MESSAGE_EVENT);
    assert_int_equal(running.message.seq, from);
}

static void events_come_in_order_and_move_the_cursor(void **state)
{
    (void)state;
    struct tocsin_stream *stream = open_at((struct tocsin_stream_options){.from = TOCSIN_FROM_FIRST}, 1, 10);
    assert_int_equal(tocsin_stream_cursor(stream), 0);
    send_batch(1, 3, 5);
    for (uint64_t seq = 1; seq <= 3; seq++)
        assert_event(stream, seq);
    assert_nothing(stream, TOCSIN_E_TIMEOUT);
    assert_int_equal(tocsin_stream_cursor(stream), 5);
    assert_string_equal(tocsin_stream_log_id(stream), LOG_ID);
    assert_int_equal(tocsin_stream_head(stream), 10);
    tocsin_stream_close(&stream);
    assert_null(stream);
}

static void credit_comes_back_as_batches_are_taken(void **state)
{
    (void)state;
    struct tocsin_stream *stream = open_at((struct tocsin_stream_options){.credit_bytes = 1000}, 1, 100);
    size_t sent = 0;
    uint64_t given = 1000, seq = 1;
    for (; seq <= 50; seq++) {
        send_batch(seq, seq, seq);
        sent += broker.out.len;
        assert_event(stream, seq);
        while (peer_wait(broker.socket, 0))
            given += await_credit();
    }
    assert_nothing(stream, TOCSIN_E_TIMEOUT); /* the last batch is taken */
    while (peer_wait(broker.socket, 200))
        given += await_credit();
    assert_true(given <= sent + 1000);
    assert_true(given >= sent + 500);
    tocsin_stream_close(&stream);
}

static void a_hole_is_told_and_the_end_ends(void **state)
{
    (void)state;
    struct tocsin_stream *stream = open_at((struct tocsin_stream_options){.ends_at_head = true}, 1, 10);
    send_pair("hole", 1, 4);
    send_batch(5, 5, 7);
    send_pair("end", 10, 0);
    struct tocsin_message message = next(stream);
    assert_int_equal(message.kind, TOCSIN_MESSAGE_HOLE);
    assert_int_equal(message.first, 1);
    assert_int_equal(message.last, 4);
    assert_int_equal(message.at_least, 4);
    assert_event(stream, 5);
    message = next(stream);
    assert_int_equal(message.kind, TOCSIN_MESSAGE_END);
    assert_int_equal(message.last, 10);
    assert_nothing(stream, TOCSIN_E_END);
    assert_int_equal(tocsin_stream_cursor(stream), 10);
    tocsin_stream_close(&stream);
}

static void what_ends_a_session_makes_another_one_behind_the_cursor(void **state)
{
    (void)state;
    struct tocsin_stream *stream = open_at((struct tocsin_stream_options){0}, 1, 10);
    send_batch(1, 2, 2);
    assert_event(stream, 1);
    assert_event(stream, 2);
    send_error("closed");
    assert_opens_again(stream, 3);
    send_error("busy");
    assert_opens_again(stream, 4);
    send_batch(3, 3, 20); /* told already */
    assert_opens_again(stream, 5);
    send_batch(7, 7, 6); /* beyond what it reaches to */
    assert_opens_again(stream, 6);
    send_pair("hole", 9, 12); /* 7 and 8 would be lost */
    assert_opens_again(stream, 7);
    send_batch(0, 0, 3); /* back */
    assert_opens_again(stream, 8);
    begin(1, "batch"); /* no batch */
    send_out();
    assert_opens_again(stream, 9);
    send_pair("end", 10, 0); /* nobody asked for an end */
    assert_opens_again(stream, 10);
    tocsin_stream_close(&stream);
}

static void silence_is_told_and_so_is_what_comes_back(void **state)
{
    (void)state;
    struct tocsin_stream *stream = open_at((struct tocsin_stream_options){.silence_timeout_ms = 300}, 1, 10);
    assert_int_equal(next(stream).kind, TOCSIN_MESSAGE_LOST);
    struct running running = {.stream = stream};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_next, &running), 0);
    assert_int_equal(await_open(), 1);
    send_opened(LOG_ID, 1, 12);
    pthread_join(thread, NULL);
    assert_int_equal(running.error, TOCSIN_OK);
    assert_int_equal(running.message.kind, TOCSIN_MESSAGE_RESTORED);
    assert_int_equal(running.message.head, 12);
    tocsin_stream_close(&stream);
}

/* Opens again, and the broker says that its log is `log_id` with that head. */
static struct tocsin_message reopen_as(struct tocsin_stream *stream, const char *log_id, uint64_t from, uint64_t head,
                                       int expected)
{
    struct running running = {.stream = stream};
    pthread_t thread;
    send_error("closed");
    assert_int_equal(pthread_create(&thread, NULL, run_next, &running), 0);
    await_open();
    send_opened(log_id, from, head);
    pthread_join(thread, NULL);
    assert_int_equal(running.error, expected);
    return running.message;
}

static void another_log_is_told_and_begun_from_its_first(void **state)
{
    (void)state;
    struct tocsin_stream *stream = open_at((struct tocsin_stream_options){0}, 1, 10);
    send_batch(1, 2, 2);
    assert_event(stream, 1);
    assert_event(stream, 2);
    struct tocsin_message message = reopen_as(stream, OTHER_ID, 3, 50, TOCSIN_OK);
    assert_int_equal(message.kind, TOCSIN_MESSAGE_RESET);
    assert_int_equal(message.head, 50);
    assert_memory_equal(message.log_id.data, OTHER_ID, 32);
    struct running running = {.stream = stream};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_next, &running), 0);
    assert_int_equal(await_open(), 0); /* "first" */
    send_opened(OTHER_ID, 1, 50);
    await_credit();
    send_batch(1, 1, 1);
    pthread_join(thread, NULL);
    assert_int_equal(running.message.seq, 1);
    tocsin_stream_close(&stream);
}

static void a_log_that_went_back_goes_on_behind_its_head(void **state)
{
    (void)state;
    struct tocsin_stream *stream = open_at((struct tocsin_stream_options){0}, 1, 10);
    send_batch(1, 9, 9);
    for (uint64_t seq = 1; seq <= 9; seq++)
        assert_event(stream, seq);
    struct tocsin_message message = reopen_as(stream, LOG_ID, 10, 4, TOCSIN_OK);
    assert_int_equal(message.kind, TOCSIN_MESSAGE_RESET);
    assert_opens_again(stream, 5);
    tocsin_stream_close(&stream);
}

static void another_log_is_an_error_where_one_is_kept(void **state)
{
    (void)state;
    struct tocsin_stream *stream = open_at((struct tocsin_stream_options){.log_id = LOG_ID}, 1, 10);
    reopen_as(stream, OTHER_ID, 1, 50, TOCSIN_E_OTHER_LOG);
    assert_nothing(stream, TOCSIN_E_OTHER_LOG);
    tocsin_stream_close(&stream);
}

static void the_latest_come_before_the_rest_and_again_only_where_they_were_not_told(void **state)
{
    (void)state;
    struct tocsin_stream *stream = open_at((struct tocsin_stream_options){.latest = true}, 100, 120);
    send_batch(5, 6, 99);
    assert_int_equal(next(stream).seq, 5);
    assert_int_equal(next(stream).seq, 6);
    assert_int_equal(tocsin_stream_cursor(stream), 0); /* not all of them */
    send_error("closed");
    struct running running = {.stream = stream};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_next, &running), 0);
    assert_int_equal(await_open(), 100);
    send_opened(LOG_ID, 100, 130);
    await_credit();
    send_batch(5, 8, 99);
    pthread_join(thread, NULL);
    assert_int_equal(running.message.seq, 7);
    assert_int_equal(next(stream).seq, 8);
    send_batch(100, 101, 105);
    assert_event(stream, 100);
    assert_event(stream, 101);
    tocsin_stream_close(&stream);
}

static void what_is_not_wanted_is_passed_over_on_this_side_too(void **state)
{
    (void)state;
    struct tocsin_stream *stream = open_at((struct tocsin_stream_options){.min_level = TOCSIN_LEVEL_ERROR}, 1, 10);
    send_batch(1, 5, 9);
    assert_event(stream, 2);
    assert_event(stream, 4);
    assert_nothing(stream, TOCSIN_E_TIMEOUT);
    assert_int_equal(tocsin_stream_cursor(stream), 9);
    tocsin_stream_close(&stream);
}

static void opening_ends_in_time_and_tells_why(void **state)
{
    (void)state;
    struct tocsin_stream *stream;
    struct tocsin_stream_options options = {.stream = broker.endpoint, .connect_timeout_ms = 100};
    assert_int_equal(tocsin_stream_open(&stream, &options), TOCSIN_E_UNREACHABLE);
    assert_null(stream);
    options.stream = "nonsense";
    assert_int_equal(tocsin_stream_open(&stream, &options), TOCSIN_E_INVALID);
    options.stream = broker.endpoint;
    options.log_id = "short";
    assert_int_equal(tocsin_stream_open(&stream, &options), TOCSIN_E_INVALID);
    options.log_id = NULL;
    options.cursor_file = "/tmp/tocsin-no-such-folder/cursor";
    assert_int_equal(tocsin_stream_open(&stream, &options), TOCSIN_E_IO);
}

static void the_request_says_what_was_asked_for(void **state)
{
    (void)state;
    const struct tocsin_filter filter = {TOCSIN_FILTER_SOURCE, "S", "cam"};
    struct filter_set *filters;
    char type[] = "Happened", *types[] = {type};
    assert_int_equal(filter_set_new(&filters, &filter, 1), TOCSIN_OK);
    struct stream_terms terms = {TOCSIN_FROM_TIME, 1700000000000001, filters, types, 1, TOCSIN_LEVEL_INFO, true, false};
    stream_encode_open(&broker.out, &terms);
    static const char expected[] = "\x93\xa4open\x01\x86\xa4"
                                   "from\x81\xa4time\xbb"
                                   "2023-11-14T22:13:20.000001Z\xa7"
                                   "filters\x91\xc4\x06S/cam\0\xa5level\xa4Info\xa5types\x91\xa8Happened\xa6latest\xc3"
                                   "\xa6"
                                   "follow\xc2";
    assert_int_equal(broker.out.len, sizeof expected - 1);
    assert_memory_equal(broker.out.data, expected, sizeof expected - 1);
    filter_set_free(&filters);
}

/* Many filters, and any category, are sorted out on this side. */
static void what_a_broker_would_refuse_is_not_asked_for(void **state)
{
    (void)state;
    struct tocsin_filter *many = calloc(1001, sizeof *many);
    struct filter_set *filters;
    assert_non_null(many);
    for (size_t i = 0; i < 1001; i++)
        many[i] = (struct tocsin_filter){TOCSIN_FILTER_CATEGORY, "S", NULL};
    for (size_t count = 1000; count <= 1001; count++) {
        assert_int_equal(filter_set_new(&filters, many, count), TOCSIN_OK);
        stream_encode_latest(&broker.out, filters);
        assert_int_equal(broker.out.len > 100, count == 1000);
        filter_set_free(&filters);
    }
    many[0].category = NULL;
    many[0].kind = TOCSIN_FILTER_SOURCE;
    many[0].source_id = "cam";
    assert_int_equal(filter_set_new(&filters, many, 1), TOCSIN_OK);
    stream_encode_latest(&broker.out, filters);
    assert_memory_equal(broker.out.data, "\x92\xa6latest\x90", 9);
    filter_set_free(&filters);
    free(many);
}

static void bytes_cut_anywhere_and_flipped_anywhere_are_survived(void **state)
{
    (void)state;
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    begin(3, "batch");
    wire_write_uint(&broker.out, 5);
    wire_write_array(&broker.out, 2);
    peer_record(&broker.out, 1, 0, "Info", "S", "cam");
    peer_record(&broker.out, 2, 1, "Info", "S", "cam");
    for (size_t len = 0; len <= broker.out.len; len++) {
        for (unsigned bit = 0; bit < 9; bit++) { /* the ninth: only cut */
            uint8_t *copy = malloc(len + 1);     /* of its own length, so that the sanitizer sees a step beyond */
            assert_non_null(copy);
            memcpy(copy, broker.out.data, len);
            if (bit < 8 && len > 0)
                copy[len - 1] ^= (uint8_t)(1U << bit);
            uint8_t *exact = realloc(copy, len ? len : 1);
            struct stream_answer answer;
            struct record record;
            unsigned records = 0;
            int error = stream_answer_read(span_of(exact, len), &answer);
            while (!error && answer.kind == STREAM_ANSWER_BATCH &&
                   (error = stream_answer_next(&answer, judge, &record)) == TOCSIN_OK)
                records++;
            assert_true(records <= 2);
            if (bit == 8 && len < broker.out.len)
                assert_int_equal(error, TOCSIN_E_PROTOCOL);
            free(exact);
        }
    }
    event_judge_free(&judge);
}

static void only_what_is_a_message_is_one(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } bad[] = {
        {"", 0},
        {"\x90", 1},
        {"\x91\x01", 2},
        {"\xdd\xff\xff\xff\xff", 5},
        {"\x92\xa4pong\x01", 7},
        {"\x92\xa5"
         "batch\x01",
         8},
        {"\x93\xa5"
         "batch\xff\x90",
         9},
        {"\x93\xa4hole\x05\x04", 8},
        {"\x93\xa4hole\x00\x04", 8},
        {"\x95\xa6opened\x02\xa0\x01\x01", 12},
        {"\x95\xa6opened\x01\xa2id\x01\x01", 14},
        {"\x92\xa4info\x01", 7},
        {"\x92\xa4info\xdf\xff\xff\xff\xff", 11},
        {"\x91\xa4pong\x01", 7}, /* something behind it */
    };
    struct stream_answer answer;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (stream_answer_read(span_of(bad[i].bytes, bad[i].len), &answer) != TOCSIN_E_PROTOCOL)
            fail_msg("case %zu was taken for a message", i);
    }
    assert_int_equal(stream_answer_read(span_of("\x92\xa4news\x01", 7), &answer), TOCSIN_OK);
    assert_int_equal(answer.kind, STREAM_ANSWER_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(events_come_in_order_and_move_the_cursor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(credit_comes_back_as_batches_are_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_hole_is_told_and_the_end_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_ends_a_session_makes_another_one_behind_the_cursor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(silence_is_told_and_so_is_what_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_log_is_told_and_begun_from_its_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_log_that_went_back_goes_on_behind_its_head, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_log_is_an_error_where_one_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_latest_come_before_the_rest_and_again_only_where_they_were_not_told, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_wanted_is_passed_over_on_this_side_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(opening_ends_in_time_and_tells_why, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_request_says_what_was_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_broker_would_refuse_is_not_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bytes_cut_anywhere_and_flipped_anywhere_are_survived, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_what_is_a_message_is_one, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
