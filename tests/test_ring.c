/* The ring between two threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "broker/ring.h"

#define CAPACITY 4096

static void put(struct ring *ring, const void *bytes, size_t len)
{
    void *room = ring_reserve(ring, len);
    assert_non_null(room);
    memcpy(room, bytes, len);
    ring_commit(ring, len);
}

static void messages_come_out_whole_and_in_order(void **state)
{
    (void)state;
    struct ring *ring = ring_new(CAPACITY);
    put(ring, "one", 3);
    put(ring, "", 0);
    put(ring, "three", 5);
    ring_flush(ring);
    size_t len;
    assert_memory_equal(ring_next(ring, &len), "one", 3);
    assert_int_equal(len, 3);
    assert_non_null(ring_next(ring, &len));
    assert_int_equal(len, 0);
    assert_memory_equal(ring_next(ring, &len), "three", 5);
    assert_int_equal(len, 5);
    assert_null(ring_next(ring, &len));
    ring_free(&ring);
    assert_null(ring);
}

static void nothing_is_seen_before_the_flush(void **state)
{
    (void)state;
    struct ring *ring = ring_new(CAPACITY);
    size_t len;
    put(ring, "x", 1);
    assert_null(ring_next(ring, &len));
    ring_flush(ring);
    assert_non_null(ring_next(ring, &len));
    ring_free(&ring);
}

static void a_full_ring_refuses_until_the_consumer_releases(void **state)
{
    (void)state;
    struct ring *ring = ring_new(CAPACITY);
    size_t count = 0;
    while (ring_reserve(ring, 100)) {
        ring_commit(ring, 100);
        count++;
    }
    assert_in_range(count, 30, 40);
    ring_flush(ring);
    assert_int_equal(ring_used(ring), count * 112);
    size_t len;
    assert_non_null(ring_next(ring, &len));
    assert_null(ring_reserve(ring, 100)); /* taken, not yet released */
    while (ring_next(ring, &len))
        continue;
    ring_release(ring);
    assert_int_equal(ring_used(ring), 0);
    assert_non_null(ring_reserve(ring, 100));
    ring_free(&ring);
}

static void the_longest_message_fits_an_empty_ring_wherever_it_stands(void **state)
{
    (void)state;
    struct ring *ring = ring_new(CAPACITY);
    size_t longest = ring_message_max(ring);
    assert_null(ring_reserve(ring, longest + 1));
    for (size_t i = 0; i < 600; i++) {
        size_t len;
        put(ring, "12345678", i % 9);
        ring_flush(ring);
        assert_non_null(ring_next(ring, &len));
        ring_release(ring);
        char *room = ring_reserve(ring, longest);
        assert_non_null(room);
        memset(room, 'x', longest);
        ring_commit(ring, longest);
        ring_flush(ring);
        assert_non_null(ring_next(ring, &len));
        assert_int_equal(len, longest);
        ring_release(ring);
    }
    ring_free(&ring);
}

static void a_reservation_may_be_given_up(void **state)
{
    (void)state;
    struct ring *ring = ring_new(CAPACITY);
    size_t len;
    for (size_t i = 0; i < 1000; i++) {
        assert_non_null(ring_reserve(ring, 1500));
        put(ring, "kept", 4);
        ring_flush(ring);
        assert_memory_equal(ring_next(ring, &len), "kept", 4);
        assert_null(ring_next(ring, &len));
        ring_release(ring);
    }
    ring_free(&ring);
}

/* Pages of the ring's memory from this message on that the system holds. */
static size_t resident_pages(const void *bytes, size_t len)
{
    static unsigned char pages[4096];
    uintptr_t begin = (uintptr_t)bytes & ~(uintptr_t)4095;
    size_t count = 0;
    assert_true(len / 4096 <= sizeof pages);
    assert_int_equal(mincore((void *)begin, len, pages), 0);
    for (size_t i = 0; i < len / 4096; i++)
        count += pages[i] & 1;
    return count;
}

static void a_ring_whose_consumer_keeps_up_uses_its_first_bytes_again_and_again(void **state)
{
    (void)state;
    struct ring *ring = ring_new(1 << 20);
    const char *first = ring_reserve(ring, 3000);
    for (unsigned i = 0; i < 5000; i++) {
        size_t len;
        put(ring, "x", 1);
        char *room = ring_reserve(ring, 3000);
        assert_in_range(room - first, 0, 3100);
        memset(room, 'x', 3000);
        ring_commit(ring, 3000);
        ring_flush(ring);
        while (ring_next(ring, &len))
            continue;
        ring_release(ring);
    }
    assert_true(resident_pages(first, 1 << 20) <= 3);
    ring_free(&ring);
}

static bool is_woken(struct ring *ring)
{
    struct pollfd fd = {.fd = ring_fd(ring), .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

static void a_consumer_that_need_not_hurry_is_woken_when_much_waits(void **state)
{
    (void)state;
    struct ring *ring = ring_new(CAPACITY);
    size_t len;
    assert_true(ring_arm(ring));
    put(ring, "x", 1);
    ring_show(ring);
    assert_false(is_woken(ring));
    assert_non_null(ring_next(ring, &len)); /* it is there for who looks */
    ring_release(ring);
    for (unsigned i = 0; !is_woken(ring); i++) {
        assert_true(i < CAPACITY / 100);
        put(ring, "0123456789012345678901234567890123456789", 40);
        put(ring, "0123456789012345678901234567890123456789", 40);
        ring_show(ring);
    }
    ring_disarm(ring);
    ring_free(&ring);
}

static void a_consumer_is_not_woken_where_nothing_is_new(void **state)
{
    (void)state;
    struct ring *ring = ring_new(CAPACITY);
    size_t len;
    put(ring, "x", 1);
    ring_flush(ring);
    assert_non_null(ring_next(ring, &len));
    ring_release(ring);
    assert_true(ring_arm(ring));
    ring_flush(ring);
    assert_false(is_woken(ring));
    put(ring, "y", 1);
    ring_flush(ring);
    assert_true(is_woken(ring));
    ring_disarm(ring);
    ring_free(&ring);
}

static void a_consumer_that_was_only_shown_a_message_is_woken_on_demand(void **state)
{
    (void)state;
    struct ring *ring = ring_new(CAPACITY);
    assert_true(ring_arm(ring));
    put(ring, "x", 1);
    ring_show(ring);
    ring_flush(ring);
    assert_false(is_woken(ring));
    ring_wake(ring);
    assert_true(is_woken(ring));
    ring_disarm(ring);
    ring_free(&ring);
}

static void memory_that_a_burst_took_is_given_back_and_what_is_in_the_ring_stays(void **state)
{
    (void)state;
    const size_t capacity = 8 << 20;
    struct ring *ring = ring_new(capacity);
    size_t len;
    char *room;
    const char *first = NULL;
    while ((room = ring_reserve(ring, 5000))) {
        first = first ? first : room;
        memset(room, 'x', 5000);
        ring_commit(ring, 5000);
    }
    ring_flush(ring);
    assert_true(resident_pages(first, capacity) > capacity / 4096 - 10);
    for (unsigned i = 0; i < 4; i++)
        ring_trim(ring); /* there are messages */
    while ((room = (char *)(uintptr_t)ring_next(ring, &len)))
        assert_true(len == 5000 && room[0] == 'x' && room[4999] == 'x');
    ring_release(ring);
    for (unsigned i = 0; i < 3; i++)
        ring_trim(ring);
    assert_true(resident_pages(first, capacity) <= (1 << 20) / 4096 + 1);
    put(ring, "after", 5);
    ring_flush(ring);
    assert_memory_equal(ring_next(ring, &len), "after", 5);
    ring_free(&ring);
}

#define MESSAGES 300000

/* The length and the content of message `i` follow from i. */
static size_t len_of(uint32_t i)
{
    return 4 + (i * 2654435761U >> 8) % 200;
}

static void *produce(void *arg)
{
    struct ring *ring = arg;
    for (uint32_t i = 0; i < MESSAGES; i++) {
        uint8_t *room;
        while (!(room = ring_reserve(ring, len_of(i)))) {
            ring_flush(ring);
            poll(NULL, 0, 0);
        }
        memset(room, (int)(i & 0xff), len_of(i));
        memcpy(room, &i, sizeof i);
        ring_commit(ring, len_of(i));
        if (i % 7 == 0)
            ring_flush(ring);
    }
    ring_flush(ring);
    return NULL;
}

static void a_consumer_that_sleeps_misses_nothing(void **state)
{
    (void)state;
    struct ring *ring = ring_new(CAPACITY);
    pthread_t producer;
    assert_int_equal(pthread_create(&producer, NULL, produce, ring), 0);
    for (uint32_t i = 0; i < MESSAGES;) {
        size_t len;
        const uint8_t *message = ring_next(ring, &len);
        if (!message) {
            ring_release(ring);
            if (ring_arm(ring)) {
                struct pollfd fd = {.fd = ring_fd(ring), .events = POLLIN};
                assert_int_equal(poll(&fd, 1, 60000), 1); /* a lost wake-up would end here */
                ring_disarm(ring);
            }
            continue;
        }
        uint32_t number;
        memcpy(&number, message, sizeof number);
        assert_int_equal(number, i);
        assert_int_equal(len, len_of(i));
        assert_int_equal(message[len - 1], len > 4 ? i & 0xff : i >> 24);
        i++;
    }
    pthread_join(producer, NULL);
    ring_free(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_out_whole_and_in_order),
        cmocka_unit_test(nothing_is_seen_before_the_flush),
        cmocka_unit_test(a_full_ring_refuses_until_the_consumer_releases),
        cmocka_unit_test(the_longest_message_fits_an_empty_ring_wherever_it_stands),
        cmocka_unit_test(a_reservation_may_be_given_up),
        cmocka_unit_test(a_ring_whose_consumer_keeps_up_uses_its_first_bytes_again_and_again),
        cmocka_unit_test(a_consumer_that_need_not_hurry_is_woken_when_much_waits),
        cmocka_unit_test(a_consumer_is_not_woken_where_nothing_is_new),
        cmocka_unit_test(a_consumer_that_was_only_shown_a_message_is_woken_on_demand),
        cmocka_unit_test(memory_that_a_burst_took_is_given_back_and_what_is_in_the_ring_stays),
        cmocka_unit_test(a_consumer_that_sleeps_misses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
