/* The rules of the append door, without its socket: what only time and a failing world can show. What clients see is
 * in scenario_append.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "broker/append.h"
#include "proto/wire.h"

#define SECOND_US UINT64_C(1000000)

/* What the world around the rules was asked to do. */
struct world {
    struct append *append;
    struct event_judge *judge;
    bool has_room;
    bool is_reachable;
    bool is_writable;
    size_t admitted_count;
    uint64_t last_admitted_n;
    size_t sent_count;
    char last_sent[200]; /* verb, and the code of an error */
    uint64_t last_ack_n;
};

static bool admit(void *arg, const struct event *event, const struct append_origin *origin)
{
    struct world *world = arg;
    assert_true(span_is(event->type, "Numbered"));
    if (!world->has_room)
        return false;
    world->admitted_count++;
    world->last_admitted_n = origin->n;
    return true;
}

static bool send_message(void *arg, struct span route, struct span message)
{
    struct world *world = arg;
    assert_true(route.len > 0);
    struct wire_reader reader = wire_reader_of(message);
    uint32_t count;
    struct span verb = span_of("", 0);
    struct span code = span_of("", 0);
    assert_true(wire_read_array(&reader, &count) && wire_read_str(&reader, &verb));
    if (span_is(verb, "error"))
        assert_true(wire_read_str(&reader, &code));
    if (span_is(verb, "ack"))
        assert_true(wire_read_uint(&reader, &world->last_ack_n));
    snprintf(world->last_sent, sizeof world->last_sent, "%.*s%s%.*s", (int)verb.len, (const char *)verb.data,
             code.len > 0 ? " " : "", (int)code.len, (const char *)code.data);
    world->sent_count++;
    return world->is_reachable;
}

static void refused(void *arg, const struct refusal *refusal)
{
    (void)arg;
    assert_true(refusal->code != TOCSIN_ACCEPTED);
}

static bool is_writable(void *arg)
{
    return ((struct world *)arg)->is_writable;
}

static int set_up(void **state)
{
    static struct world world;
    world = (struct world){.has_room = true, .is_reachable = true, .is_writable = true};
    world.judge = event_judge_new(10000, 1);
    struct append_options options = {
        .log_id = "0123456789abcdef0123456789abcdef",
        .judge = world.judge,
        .window = 5,
        .max_producers = 3,
        .max_sessions = 4,
        .port = {.arg = &world, .admit = admit, .send = send_message, .refused = refused, .is_writable = is_writable},
    };
    world.append = append_new(&options);
    *state = &world;
    return world.append ? 0 : -1;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    append_free(&world->append);
    event_judge_free(&world->judge);
    return 0;
}

static void put_pair(struct text *out, const char *key, const char *value)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, span_of_str(value));
}

static void hello(struct world *world, const char *route, const char *producer, uint64_t now_us)
{
    struct text message;
    text_init(&message);
    wire_write_array(&message, 4);
    wire_write_str(&message, span_of_str("hello"));
    wire_write_uint(&message, 1);
    wire_write_str(&message, span_of_str(producer));
    wire_write_uint(&message, 1);
    append_take(world->append, span_of_str(route), 0, text_span(&message), now_us);
    text_fini(&message);
}

static void put(struct world *world, const char *route, uint64_t n, uint32_t count, const char *level, uint64_t now_us)
{
    struct text message;
    text_init(&message);
    wire_write_array(&message, 3);
    wire_write_str(&message, span_of_str("put"));
    wire_write_uint(&message, n);
    wire_write_array(&message, count);
    for (; count > 0; count--) {
        wire_write_map(&message, 5);
        put_pair(&message, "level", level);
        put_pair(&message, "category", "TestEvent");
        put_pair(&message, "type", "Numbered");
        put_pair(&message, "sourceId", "s");
        put_pair(&message, "summary", "s");
    }
    append_take(world->append, span_of_str(route), 0, text_span(&message), now_us);
    text_fini(&message);
}

static void settle(struct world *world, uint32_t slot, uint64_t n)
{
    struct producer_last last = {.n = n, .seq = n + 100};
    append_settled(world->append, slot, &last);
}

static void a_hello_is_answered_when_nothing_of_the_producer_is_on_its_way(void **state)
{
    struct world *world = *state;
    hello(world, "r1", "p", 0);
    put(world, "r1", 1, 3, "Info", 0);
    size_t sent_count = world->sent_count;
    hello(world, "r2", "p", 0);
    assert_int_equal(world->sent_count, sent_count);
    settle(world, 0, 2);
    assert_int_equal(world->sent_count, sent_count);
    settle(world, 0, 3);
    assert_int_equal(world->sent_count, sent_count + 1);
    assert_string_equal(world->last_sent, "welcome");
    put(world, "r2", 3, 2, "Info", 0); /* 3 again, and 4 */
    assert_int_equal(world->admitted_count, 4);
    settle(world, 0, 4);
    assert_int_equal(world->last_ack_n, 4);
}

static void a_put_before_the_welcome_is_no_message(void **state)
{
    struct world *world = *state;
    hello(world, "r1", "p", 0);
    put(world, "r1", 1, 1, "Info", 0);
    hello(world, "r2", "p", 0);
    put(world, "r2", 1, 1, "Info", 0);
    assert_string_equal(world->last_sent, "error protocol");
    assert_int_equal(world->admitted_count, 1);
}

static void trailing_refusals_are_acknowledged_with_the_event_before_them(void **state)
{
    struct world *world = *state;
    hello(world, "r", "p", 0);
    put(world, "r", 1, 1, "Info", 0);
    put(world, "r", 2, 2, "Loud", 0);
    assert_string_equal(world->last_sent, "nack");
    settle(world, 0, 1);
    assert_int_equal(world->last_ack_n, 3);
}

static void a_full_ring_ends_the_session_and_keeps_what_was_taken(void **state)
{
    struct world *world = *state;
    hello(world, "r", "p", 0);
    put(world, "r", 1, 2, "Info", 0);
    world->has_room = false;
    put(world, "r", 3, 1, "Info", 0);
    assert_string_equal(world->last_sent, "error busy");
    world->has_room = true;
    put(world, "r", 3, 1, "Info", 0); /* sent before the error arrived */
    assert_int_equal(world->admitted_count, 2);
    settle(world, 0, 2);
    hello(world, "r", "p", 0);
    assert_string_equal(world->last_sent, "welcome");
    put(world, "r", 3, 1, "Info", 0);
    assert_int_equal(world->last_admitted_n, 3);
}

static void a_disk_that_refuses_makes_the_door_unavailable(void **state)
{
    struct world *world = *state;
    hello(world, "r", "p", 0);
    world->is_writable = false;
    put(world, "r", 1, 1, "Info", 0);
    assert_string_equal(world->last_sent, "error unavailable");
    assert_int_equal(world->admitted_count, 0);
}

static void a_silent_session_is_asked_and_then_forgotten(void **state)
{
    struct world *world = *state;
    hello(world, "r", "p", 0);
    append_tick(world->append, 29 * SECOND_US);
    assert_string_equal(world->last_sent, "welcome");
    append_tick(world->append, 31 * SECOND_US);
    assert_string_equal(world->last_sent, "ping");
    put(world, "r", 1, 0, "Info", 32 * SECOND_US);
    append_tick(world->append, 100 * SECOND_US);
    assert_int_equal(append_session_count(world->append), 1);
    append_tick(world->append, 123 * SECOND_US);
    assert_int_equal(append_session_count(world->append), 0);
    put(world, "r", 1, 1, "Info", 124 * SECOND_US);
    assert_string_equal(world->last_sent, "error protocol");
}

static void a_session_whose_peer_is_gone_is_forgotten_when_asked(void **state)
{
    struct world *world = *state;
    hello(world, "r", "p", 0);
    world->is_reachable = false;
    append_tick(world->append, 31 * SECOND_US);
    assert_int_equal(append_session_count(world->append), 0);
}

static void beyond_the_limits_the_quiet_make_room_and_the_busy_stay(void **state)
{
    struct world *world = *state;
    const char *const names[] = {"a", "b", "c", "d", "e"};
    for (size_t i = 0; i < 3; i++) {
        hello(world, names[i], names[i], 0);
        put(world, names[i], 1, 1, "Info", 0);
    }
    hello(world, "d", "d", 0); /* three producers have sessions */
    assert_string_equal(world->last_sent, "error busy");
    settle(world, 0, 1);
    world->is_reachable = false;
    append_tick(world->append, 31 * SECOND_US); /* all sessions are gone, two producers have events on their way */
    world->is_reachable = true;
    hello(world, "d", "d", 32 * SECOND_US);
    assert_string_equal(world->last_sent, "welcome");
    hello(world, "e", "e", 32 * SECOND_US);
    assert_string_equal(world->last_sent, "error busy");
    settle(world, 1, 1);
    hello(world, "e", "e", 32 * SECOND_US);
    assert_string_equal(world->last_sent, "welcome");
}

static void a_message_cut_anywhere_does_no_harm(void **state)
{
    struct world *world = *state;
    struct text message;
    text_init(&message);
    wire_write_array(&message, 3);
    wire_write_str(&message, span_of_str("put"));
    wire_write_uint(&message, 1);
    wire_write_array(&message, 1);
    wire_write_map(&message, 1);
    put_pair(&message, "level", "Info");
    for (size_t len = 0; len < message.len; len++) {
        hello(world, "r", "p", 0);
        append_take(world->append, span_of_str("r"), 0, span_of(message.data, len), 0);
        assert_string_equal(world->last_sent, "error protocol");
    }
    text_fini(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hello_is_answered_when_nothing_of_the_producer_is_on_its_way, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_put_before_the_welcome_is_no_message, set_up, tear_down),
        cmocka_unit_test_setup_teardown(trailing_refusals_are_acknowledged_with_the_event_before_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_full_ring_ends_the_session_and_keeps_what_was_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_disk_that_refuses_makes_the_door_unavailable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_silent_session_is_asked_and_then_forgotten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_session_whose_peer_is_gone_is_forgotten_when_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(beyond_the_limits_the_quiet_make_room_and_the_busy_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_message_cut_anywhere_does_no_harm, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
